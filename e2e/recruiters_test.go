package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost/server/public/model"

	"candide/e2e/harness"
)

func TestRecruiterPlansAJury(t *testing.T) {
	t.Parallel()
	s := play(t)

	// An outsider gets a private refusal, by slash command and by mention.
	s.oto.Slash(s.town, "/candide jury liste")
	s.oto.WaitEphemeral(harness.Contains("réservée à l’équipe"))
	s.oto.Post(s.town, s.at()+" jury planifier 2020-12-01 14:00 ~jury-deploiement Pirate")
	s.oto.WaitPost(s.oto.DMChannel(s.bot), harness.By(s.bot), harness.Contains("réservée à l’équipe"))

	// A recruiter, in the recruiters' channel: privately, with the date in full words.
	s.rose.Slash(s.staff, "/candide jury planifier 2020-12-01 14:00 ~jury-deploiement Premier jury")
	s.rose.WaitEphemeral(harness.Contains("n° 1", "Premier jury", "mardi 1er décembre 2020"))
	s.rose.Slash(s.staff, "/candide jury liste")
	s.rose.WaitEphemeral(harness.Contains("n° 1", "Premier jury"))
	s.rose.Slash(s.staff, "/candide jury voir 1")
	s.rose.WaitEphemeral(harness.Contains("J-7", "à envoyer"))

	// In public: by direct message.
	s.rose.Slash(s.town, "/candide jury voir 1")
	s.rose.WaitPost(s.rose.DMChannel(s.bot), harness.By(s.bot), harness.Contains("Premier jury"))

	// A channel that does not exist, one where the bot is not, a public one, a date that is none.
	s.Private("secret", s.rose)
	for text, want := range map[string]string{
		"jury planifier 2020-12-01 14:00 ~nulle-part Jury":  "Je ne trouve pas le canal",
		"jury planifier 2020-12-01 14:00 ~secret Jury":      "Je ne trouve pas le canal",
		"jury planifier 2020-12-01 14:00 ~recrutement Jury": "est public",
		"jury voir 7":   "Il n’y a pas de jury n° 7",
		"jury annler 1": "jury annuler",
	} {
		s.rose.Slash(s.staff, "/candide "+text)
		s.rose.WaitEphemeral(harness.Contains(want))
	}

	// Cancelled: the team is told in its channel.
	s.rose.Slash(s.staff, "/candide jury annuler 1 salle indisponible")
	s.rose.WaitEphemeral(harness.Contains("annulé", "salle indisponible"))
	s.rose.WaitPost(s.team, harness.By(s.bot), harness.Contains("Annulé", "Premier jury"))
}

// next submits a form's step, and opens the one that follows.
func (s *stage) next(u *harness.User, d *harness.Dialog, fields map[string]any) *harness.Dialog {
	u.SubmitDialog(d, fields)
	u.Press(u.WaitEphemeral(harness.HasButton("Continuer")), "Continuer")
	return u.WaitDialog(s.staff)
}

func TestJuryDialog(t *testing.T) {
	t.Parallel()
	s := play(t)
	s.rose.Slash(s.staff, "/candide jury planifier")
	dialog := s.rose.WaitDialog(s.staff)
	answer, err := s.rose.TrySubmitDialog(dialog, map[string]any{"when": "hier"})
	if err != nil || answer.Errors["when"] == "" {
		t.Fatalf("a bad date is taken: %v %v", answer, err)
	}
	dialog = s.next(s.rose, dialog, map[string]any{"title": "Jury du soir", "when": "1er décembre 2020 18h", "duration": "1h30", "location": "salle 4"})
	answer, err = s.rose.TrySubmitDialog(dialog, map[string]any{"members": "@nemo-nobody"})
	if err != nil || answer.Errors["members"] == "" {
		t.Fatalf("an unknown member is taken: %v %v", answer, err)
	}
	s.rose.SubmitDialog(dialog, map[string]any{"members": "@" + s.rose.Username, "quorum": "1"})
	s.rose.WaitEphemeral(harness.Contains("n° 1", "Jury du soir"))
	s.rose.WaitPost(s.team, harness.By(s.bot), harness.Contains("Jury n° 1 : Jury du soir", "1 h 30 · salle 4", s.rose.Username), harness.HasButton("Je serai là"))

	// Somebody who left the recruiters between the opening and the sending may no longer plan.
	s.rose.Slash(s.staff, "/candide jury planifier")
	dialog = s.rose.WaitDialog(s.staff)
	s.Leave(s.staff, s.rose)
	dialog.ChannelID = s.town.Id
	if _, err := s.rose.TrySubmitDialog(dialog, map[string]any{"when": "2 décembre 2020 18h"}); err == nil {
		s.rose.WaitEphemeral(harness.Contains("réservée à l’équipe"))
	}
	s.Join(s.staff, s.rose)
	s.rose.Slash(s.staff, "/candide jury voir 2")
	s.rose.WaitEphemeral(harness.Contains("Il n’y a pas de jury n° 2"))
}

func TestRightsAreCheckedEachTime(t *testing.T) {
	t.Parallel()
	s := play(t)
	list := func(u *harness.User, want string) {
		t.Helper()
		u.Slash(s.town, "/candide pause 1m")
		if want == "" {
			u.WaitPost(u.DMChannel(s.bot), harness.By(s.bot), harness.Contains("Je me tais"))
			u.Slash(s.town, "/candide reprendre")
			u.WaitPost(u.DMChannel(s.bot), harness.By(s.bot), harness.Contains("Me revoilà"))
			return
		}
		u.WaitEphemeral(harness.Contains(want))
	}
	list(s.rose, "")
	list(s.oto, "réservée à l’équipe")
	s.Leave(s.staff, s.rose)
	list(s.rose, "réservée à l’équipe")
	s.Join(s.staff, s.oto)
	list(s.oto, "")

	// The bot thrown out of the recruiters' channel cannot know: that is an error, not a no.
	s.Leave(s.staff, s.bot)
	list(s.oto, "Je n’ai pas pu vérifier")
	s.Join(s.staff, s.bot)

	// A deactivated account stays a member of its channels, and is no recruiter. It cannot act through the server:
	// what it pressed before is all that may still come, straight to the bot.
	s.Deactivate(s.oto)
	token := s.commandToken(t)
	if got := s.forgeCommand(t, token, s.oto.Id, s.town.Id, "pause 1h"); got != 200 {
		t.Errorf("the command of a deactivated account: HTTP %d", got)
	}
	question := s.alice.Post(s.town, s.at()+" c'est payé combien ?")
	s.alice.WaitReply(question, harness.By(s.bot), harness.Contains("2 500"))
}

func TestPauseAndResume(t *testing.T) {
	t.Parallel()
	s := play(t)
	s.rose.Slash(s.staff, "/candide pause")
	s.rose.WaitEphemeral(harness.Contains("Je me tais"))
	unanswered := s.alice.Post(s.town, "c'est payé combien ?")
	s.alice.Post(s.town, s.at()+" c'est payé combien ?")
	s.alice.WaitPost(s.alice.DMChannel(s.bot), harness.By(s.bot), harness.Contains("en pause"))
	s.rose.Slash(s.staff, "/candide reprendre")
	s.rose.WaitEphemeral(harness.Contains("Me revoilà"))
	s.silent(t, s.alice, unanswered)
}

func TestCrossRemovesAPost(t *testing.T) {
	t.Parallel()
	s := play(t)
	question := s.alice.Post(s.town, "c'est payé combien ?")
	answer := s.alice.WaitReply(question, harness.By(s.bot))
	s.oto.React(answer, "x") // an outsider's changes nothing
	s.rose.React(answer, "+1")
	s.rose.React(question, "x") // not the bot's
	begun := time.Now()
	s.rose.React(answer, "x")
	s.alice.WaitGone(answer)
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("the removal took %s", took)
	}
	if posts := s.alice.Thread(question); len(posts) != 1 {
		t.Errorf("%d posts left in the thread, not 1", len(posts))
	}
	other := s.alice.WaitReply(s.alice.Post(s.town, s.at()+" c'est payé combien ?"), harness.By(s.bot))
	s.oto.React(other, "x")
	s.silent(t, s.oto) // the outsider's reaction was looked at by now
	if _, _, err := s.alice.Client.GetPost(t.Context(), other.Id, ""); err != nil {
		t.Error("an outsider removed a post:", err)
	}
}

// soon is a clock eight seconds before a full minute: reminders are due by the minute.
var soon = time.Date(2020, 11, 16, 9, 0, 52, 0, time.UTC)

// everyMinute makes reminders due one minute before.
func everyMinute(c *harness.Config) {
	c.At = soon
	c.Extra += "\nreminders: {before: [M-1]}"
}

// reminders are the posts that announce a jury in the team's channel.
func (s *stage) reminders(u *harness.User, title string) []*model.Post {
	var found []*model.Post
	for _, post := range u.Recent(s.team) {
		if post.UserId == s.bot.UserID() && strings.Contains(post.Message, "Rappel : "+title) {
			found = append(found, post)
		}
	}
	return found
}

func TestReminderOnce(t *testing.T) {
	t.Parallel()
	s := play(t, everyMinute)
	// Whom the title names is nobody's affair: members are.
	s.rose.Slash(s.staff, "/candide jury planifier")
	dialog := s.next(s.rose, s.rose.WaitDialog(s.staff), map[string]any{"title": "Jury @channel @" + s.rose.Username, "when": "2020-11-16 10:02"})
	s.rose.SubmitDialog(dialog, nil)
	s.rose.WaitEphemeral(harness.Contains("n° 1"))
	post := s.rose.WaitPost(s.team, harness.By(s.bot), harness.Contains("Rappel", "lundi 16 novembre 2020"))
	if key, _ := post.GetProp("candide_key").(string); !strings.HasPrefix(key, "jury/1/") {
		t.Errorf("the reminder's key is %q", key)
	}
	if strings.Contains(post.Message, "@channel") || strings.Contains(post.Message, "@"+s.rose.Username) {
		t.Errorf("the reminder mentions people by what somebody typed: %q", post.Message)
	}
	until(t, "the reminder to count as sent", func() bool {
		s.rose.Slash(s.staff, "/candide jury voir 1")
		return strings.Contains(s.rose.WaitEphemeral(harness.Contains("M-1")).Message, "envoyé")
	})
	// Sent once, also across a restart.
	ctx := t.Context()
	if err := s.candide.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	if err := s.candide.Start(ctx); err != nil {
		t.Fatal(err)
	}
	s.rose.Slash(s.staff, "/candide jury voir 1")
	s.rose.WaitEphemeral(harness.Contains("M-1", "envoyé"))
	if n := len(s.reminders(s.rose, "Jury")); n != 1 {
		t.Errorf("%d reminders, not 1", n)
	}
}

func TestReminderAfterARestart(t *testing.T) {
	t.Parallel()
	s := play(t, everyMinute)
	s.rose.Slash(s.staff, "/candide jury planifier 2020-11-16 10:02 ~jury-deploiement Second jury")
	s.rose.WaitEphemeral(harness.Contains("n° 1"))
	s.candide.Kill()
	if err := s.candide.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.rose.WaitPost(s.team, harness.By(s.bot), harness.Contains("Rappel : Second jury"))
	if n := len(s.reminders(s.rose, "Second jury")); n != 1 {
		t.Errorf("%d reminders, not 1", n)
	}
}

// TestReminderPostedBeforeACrash: the server took the reminder, and the bot died before it learnt so. The post's own
// key tells the next process.
func TestReminderPostedBeforeACrash(t *testing.T) {
	t.Parallel()
	proxy := between(t)
	s := newStage(t, harness.NewWorld(t))
	s.MakeTeamAdmin(s.bot)
	var c harness.Config
	s.start(t, everyMinute, func(config *harness.Config) {
		config.MattermostURL, config.Dir = proxy.URL(), harness.TempDir(t)
		c = *config
	})
	s.rose.Slash(s.staff, "/candide jury planifier 2020-11-16 10:02 ~jury-deploiement Troisième jury")
	s.rose.WaitEphemeral(harness.Contains("n° 1"))
	proxy.PauseAnswers()
	s.rose.WaitPost(s.team, harness.By(s.bot), harness.Contains("Rappel : Troisième jury"))
	s.candide.Kill()
	proxy.Resume()

	// Past the claim of the process that died.
	c.At = soon.Add(5 * time.Minute)
	s.candide = s.Candide(s.bot, c)
	until(t, "the reminder to count as sent", func() bool {
		s.rose.Slash(s.staff, "/candide jury voir 1")
		return strings.Contains(s.rose.WaitEphemeral(harness.Contains("M-1")).Message, "envoyé")
	})
	if n := len(s.reminders(s.rose, "Troisième jury")); n != 1 {
		t.Errorf("%d reminders, not 1", n)
	}
}

// between stands between the bot and the server.
func between(t *testing.T) *harness.Proxy {
	t.Helper()
	proxy, err := harness.ListenProxy(strings.TrimPrefix(harness.Shared(t).URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := proxy.Close(); err != nil {
			t.Error(err)
		}
	})
	return proxy
}
