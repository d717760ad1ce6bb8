package e2e

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"

	"candide/e2e/harness"
)

// doubtful asks vague things until the bot is unsure, and returns its post, with a button for each suggestion.
func (s *stage) doubtful(t *testing.T, by *harness.User, in *model.Channel) *model.Post {
	t.Helper()
	for _, text := range []string{"dossier", "quelles sont les dates", "le poste", "conditions", "profil ou dossier", "combien"} {
		asked := by.Post(in, s.at()+" "+text)
		reply := by.WaitReply(asked, harness.By(s.bot))
		if harness.Contains("Aucune de celles-ci")(reply) {
			return reply
		}
	}
	t.Fatal("the bot is never unsure")
	return nil
}

func TestSuggestionsWorkForAnyoneOnce(t *testing.T) {
	t.Parallel()
	s := play(t)
	post := s.doubtful(t, s.alice, s.town)
	first := post.Attachments()[0].Actions[0].Name
	s.oto.Press(post, first)
	changed := s.alice.WaitUpdate(post, harness.Contains("source"))
	if harness.HasButton("Aucune de celles-ci")(changed) {
		t.Error("the suggestions stay after the choice")
	}
	if key, _ := changed.GetProp("candide_key").(string); key == "" {
		t.Error("the post lost its key")
	}
	// The second press, of a post as somebody still sees it, changes nothing.
	if err := s.alice.TryPress(post, "Aucune de celles-ci"); err == nil {
		t.Error("a spent button works")
	}
	after := s.alice.WaitUpdate(post, harness.Contains("source"))
	if after.Message != changed.Message {
		t.Errorf("the post changed twice:\n%s", after.Message)
	}
}

func TestSuggestionsAsSlashAnswer(t *testing.T) {
	t.Parallel()
	s := play(t)
	s.doubtful(t, s.alice, s.town) // what is vague is found out in public, then asked in private
	thread := s.alice.Recent(s.town)
	vague := ""
	for _, post := range thread {
		if post.UserId == s.alice.Id {
			vague = strings.TrimPrefix(post.Message, s.at()+" ")
		}
	}
	before := len(s.alice.Recent(s.town))
	s.alice.Slash(s.town, "/candide "+vague)
	private := s.alice.WaitEphemeral(harness.HasButton("Aucune de celles-ci"))
	s.alice.Press(private, private.Attachments()[0].Actions[0].Name)
	s.alice.WaitEphemeral(harness.Contains("source"))
	if after := len(s.alice.Recent(s.town)); after != before {
		t.Errorf("%d posts in the channel after a private conversation, %d before", after, before)
	}
	if err := s.alice.TryPress(private, "Aucune de celles-ci"); err == nil {
		t.Error("a spent private button works")
	}
}

// fillIn goes through the form of an interest from its consent, which arrives by next, to the end.
func (s *stage) fillIn(t *testing.T, in *model.Channel, next func(...harness.Match) *model.Post, name string) {
	t.Helper()
	notice := next(harness.Contains("Avant de commencer", "Direction du test", "CNIL"))
	s.alice.Press(notice, button(t, notice, "accepte"))
	who := s.alice.WaitDialog(in)
	if answer, err := s.alice.TrySubmitDialog(who, map[string]any{"name": name, "reach": "nulle part", "level": "junior"}); err != nil || answer.Errors["reach"] == "" {
		t.Fatalf("an unreachable address is taken: %v %v", answer, err)
	}
	s.alice.SubmitDialog(who, map[string]any{"name": name, "reach": "alice@example.org", "level": "junior"})
	more := next(harness.HasButton("Continuer"))
	s.alice.Press(more, "Continuer")
	what := s.alice.WaitDialog(in)
	s.alice.SubmitDialog(what, map[string]any{"subjects": "la donnée", "message": "Bonjour"})
	again := next(harness.Contains("autres campagnes"))
	s.alice.Press(again, button(t, again, "Non, seulement"))
	next(harness.Contains("n° 1", "mes-donnees"))

	// The dialog of a step that is done cannot be sent again.
	if _, err := s.alice.TrySubmitDialog(who, map[string]any{"name": "Autre", "reach": "autre@example.org", "level": "junior"}); err == nil {
		t.Error("a dialog works twice")
	}
}

func TestInterestFromSlashCommand(t *testing.T) {
	t.Parallel()
	s := play(t)
	s.alice.Slash(s.town, "/candide interet")
	s.fillIn(t, s.town, func(m ...harness.Match) *model.Post { return s.alice.WaitEphemeral(m...) }, "Alice A.")
	if posts := s.oto.Recent(s.town); strings.Contains(transcript(posts), "Alice A.") {
		t.Error("the interest shows in public")
	}

	// Asked with a mention in public, the person's data come by direct message, as a file.
	s.alice.Post(s.town, s.at()+" mes-donnees")
	direct := s.alice.DMChannel(s.bot)
	var data *model.Post
	s.alice.WaitEvent(model.WebsocketEventPosted, func(e *model.WebSocketEvent) bool { // sent once the file is attached
		post, err := harness.PostOf(e)
		data = post
		return err == nil && post.ChannelId == direct.Id && strings.Contains(post.Message, "dans le fichier joint")
	})
	var export struct {
		Interests []struct{ Name, Reach, Subjects string }
	}
	if err := json.Unmarshal(s.alice.Files(data)["mes-donnees.json"], &export); err != nil {
		t.Fatal(err)
	}
	if len(export.Interests) != 1 || export.Interests[0].Name != "Alice A." || export.Interests[0].Subjects != "la donnée" {
		t.Errorf("the export holds %+v", export)
	}

	// A recruiter sees her, an outsider does not; in public the answer comes by direct message.
	s.oto.Slash(s.town, "/candide candidats liste")
	s.oto.WaitEphemeral(harness.Contains("réservée à l’équipe"))
	s.rose.Slash(s.town, "/candide candidats liste")
	list := s.rose.WaitPost(s.rose.DMChannel(s.bot), harness.By(s.bot), harness.Contains("Alice A."))
	s.rose.Press(list, button(t, list, "1"))
	s.rose.WaitPost(s.rose.DMChannel(s.bot), harness.By(s.bot), harness.Contains("alice@example.org"))
	s.rose.Slash(s.staff, "/candide candidats voir 1")
	s.rose.WaitEphemeral(harness.Contains("alice@example.org"))
	for _, channel := range []*model.Channel{s.town, s.staff} {
		if strings.Contains(transcript(s.rose.Recent(channel)), "Alice A.") {
			t.Errorf("her name stands in %s", channel.Name)
		}
	}

	// Erasure asks once, then is done.
	s.alice.Slash(s.town, "/candide effacer-mes-donnees")
	sure := s.alice.WaitPost(direct, harness.By(s.bot), harness.HasButton("Oui, tout effacer"))
	s.alice.Press(sure, "Oui, tout effacer")
	s.alice.WaitUpdate(sure, harness.Contains("effacé"))
	s.alice.DM(s.bot, "mes-donnees")
	s.alice.WaitPost(direct, harness.By(s.bot), harness.Contains("Je ne garde rien"))
}

func TestInterestFromButton(t *testing.T) {
	t.Parallel()
	s := play(t)
	question := s.alice.Post(s.town, "Comment candidater ?")
	answer := s.alice.WaitReply(question, harness.By(s.bot), harness.HasButton("Laisser mes coordonnées"))
	s.alice.Press(answer, "Laisser mes coordonnées")
	// The bot has no ephemeral post of its own: it says where it goes on.
	s.alice.WaitEphemeral(harness.Contains("message direct"))
	direct := s.alice.DMChannel(s.bot)
	seen := map[string]bool{}
	s.fillIn(t, direct, func(m ...harness.Match) *model.Post {
		post := s.alice.WaitPost(direct, append(m, harness.By(s.bot), func(p *model.Post) bool { return !seen[p.Id] })...)
		seen[post.Id] = true
		return post
	}, "Alice B.")
	if posts := s.alice.Recent(direct); !strings.Contains(transcript(posts), "✔ ") {
		t.Error("the choices do not show what was chosen")
	}
}

func TestRefusedConsentKeepsNothing(t *testing.T) {
	t.Parallel()
	s := play(t)
	s.alice.Slash(s.town, "/candide interet")
	notice := s.alice.WaitEphemeral(harness.Contains("Avant de commencer"))
	s.alice.Press(notice, "Non merci")
	s.alice.WaitEphemeral(harness.Contains("rien n’est enregistré"))
	s.alice.Slash(s.town, "/candide interet")
	notice = s.alice.WaitEphemeral(harness.Contains("Avant de commencer"))
	s.alice.Press(notice, button(t, notice, "accepte"))
	s.alice.CancelDialog(s.alice.WaitDialog(s.town))
	s.alice.WaitEphemeral(harness.Contains("C’est annulé"))
	s.rose.Slash(s.staff, "/candide candidats liste")
	s.rose.WaitEphemeral(harness.Contains("Personne"))
}

// transcript is everything that people read in posts.
func transcript(posts []*model.Post) string {
	var b strings.Builder
	for _, post := range posts {
		b.WriteString(harness.Text(post) + "\n")
	}
	return b.String()
}
