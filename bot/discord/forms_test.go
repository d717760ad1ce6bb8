package discord

import (
	"context"
	"slices"
	"strings"
	"testing"

	"candide/bot"
	"candide/bot/bottest"
)

// menu is a small one.
var testMenu = []bot.MenuItem{
	{Words: []string{"question"}, Bare: true, Names: map[string]string{"en": "ask"}, About: map[string]string{"fr": "Poser une question", "en": "Ask a question"},
		Options: []bot.MenuOption{{Name: "texte", Names: map[string]string{"en": "text"}, About: map[string]string{"fr": "La question", "en": "The question"}, Purpose: "question", Required: true}}},
	{Words: []string{"form"}, About: map[string]string{"fr": "Un formulaire"}},
	{Words: []string{"accord"}, About: map[string]string{"fr": "Un accord"}},
	{Words: []string{"choix"}, About: map[string]string{"fr": "Un choix"}, Options: []bot.MenuOption{{Name: "n", About: map[string]string{"fr": "Combien"}, Kind: bot.OptionNumber}}},
	{Words: []string{"secret"}, About: map[string]string{"fr": "Un secret"}, Recruiters: true},
	{Words: []string{"panne"}, About: map[string]string{"fr": "Une panne"}},
	{Words: []string{"jury", "planifier"}, About: map[string]string{"fr": "Planifier un jury", "en": "Plan a jury"}, Options: []bot.MenuOption{
		{Name: "date", About: map[string]string{"fr": "Quand"}, Required: true},
		{Name: "canal", About: map[string]string{"fr": "Où"}, Kind: bot.OptionChannel},
		{Name: "titre", About: map[string]string{"fr": "Quoi"}},
	}},
}

func withMenu(o *Options) { o.Menu = testMenu }

func TestCommands(t *testing.T) {
	t.Parallel()
	r := newRig(t, withMenu)
	// Answered to the asker alone.
	i := r.alice.Command(r.town, "question", map[string]any{"texte": "c’est payé combien ?"})
	i.Answer("entendu : c’est payé combien ?")
	if n := len(r.Messages(r.town)); n != 0 {
		t.Errorf("%d messages that others see", n)
	}
	// In the direct conversation.
	r.alice.Command(r.alice.DMChannel(), "question", map[string]any{"texte": "en privé"})
	r.Posted(r.alice.DMChannel(), "entendu : en privé")
	// Typed in whatever order; a channel by its name.
	r.rose.Command(r.staff, "jury planifier", map[string]any{"titre": "Premier jury", "date": "demain 14h", "canal": r.staff}).
		Answer("entendu : jury planifier demain 14h <#" + r.staff.ID + "> Premier jury")
	// For recruiters alone; what they are answered in public comes by direct message.
	r.oto.Command(r.town, "secret", nil).Answer("recruiters-only")
	r.rose.Command(r.staff, "secret", nil).Answer("Camille")
	r.rose.Command(r.town, "secret", nil).Answer("see-direct")
	r.Posted(r.rose.DMChannel(), "Camille")
	// The role counts at each action.
	r.rose.SetRoles()
	r.rose.Command(r.staff, "secret", nil).Answer("recruiters-only")
	r.oto.SetRoles(r.Role)
	r.oto.Command(r.staff, "secret", nil).Answer("Camille")
	r.oto.Leave()
	r.oto.Command(r.staff, "secret", nil).Answer("recruiters-only")
	// A failure is said.
	r.alice.Command(r.town, "panne", nil).Answer("sorry")
}

// Who takes no direct messages is answered where the question was, for their eyes alone, or told what to do.
func TestClosedDirectMessages(t *testing.T) {
	t.Parallel()
	r := newRig(t, withMenu)
	r.rose.CloseDirect()
	r.rose.Command(r.town, "secret", nil).Answer("Camille")
	said := r.rose.Say(r.town, r.Mention()+" secret")
	r.Reply(said, "direct-closed")
	if n := len(r.Messages(r.town)); n != 0 {
		t.Errorf("%d messages in the channel", n)
	}
}

func TestSuggestions(t *testing.T) {
	t.Parallel()
	r := prepare(t)
	r.extra = func(routes *bot.Routes) {
		routes.Completion("question", false, func(_ context.Context, q bot.Request) ([]bot.Choice, error) {
			var list []bot.Choice
			for i := range 30 {
				list = append(list, bot.Choice{Value: strings.Repeat("v", 120), Label: q.Text + strings.Repeat("x", i)})
			}
			return list, nil
		})
	}
	r.start(withMenu)
	if got := r.alice.Type(r.town, "question", "texte", "pay"); len(got) != 25 || got[1] != "payx" {
		t.Errorf("suggested %q", got)
	}
}

func TestForm(t *testing.T) {
	t.Parallel()
	r := newRig(t, withMenu)
	dialog := r.alice.Command(r.town, "form", nil).Dialog()
	if dialog.Title() != "Le formulaire" {
		t.Errorf("the title is %q", dialog.Title())
	}
	// What is wrong is said, and what was typed comes back.
	wrong := dialog.Send(map[string]string{"name": "X", "level": "Plus de 5 ans"}).Answer("Ton nom", "X n’est pas un nom")
	again := r.alice.Press(wrong, "form-again").Dialog()
	if again.Value("name") != "X" {
		t.Errorf("the dialog forgot what was typed: %q", again.Value("name"))
	}
	// The next step begins with a button: a dialog cannot follow a dialog.
	next := again.Send(map[string]string{"name": "Camille", "message": ""}).Answer("Encore")
	last := r.alice.Press(next, "form-continue").Dialog()
	sent := last.Send(map[string]string{"subject": "la santé"})
	sent.Answer("pris : Camille, old, la santé")
	// Sent twice: refused, privately.
	last.Send(map[string]string{"subject": "encore"}).Answer("button-over")
	if n := len(r.Messages(r.town)); n != 0 {
		t.Errorf("%d messages that others see", n)
	}
}

func TestFormByChoices(t *testing.T) {
	t.Parallel()
	r := newRig(t, withMenu)
	i := r.alice.Command(r.town, "accord", nil)
	asked := i.Answer("D’accord")
	dialog := r.alice.Press(asked, "Oui").Dialog()
	r.Until("the choice to show", func() bool { return strings.Contains(asked.Content, "✔ Oui") && len(asked.Components) == 0 })
	next := dialog.Send(map[string]string{"name": "Camille", "level": "junior"}).Answer("Encore")
	r.alice.Press(next, "form-continue").Dialog().Send(map[string]string{"subject": "s"}).Answer("pris : Camille, junior, s")
	// Refused.
	no := r.alice.Command(r.town, "accord", nil).Answer("D’accord")
	r.alice.Press(no, "Non").Answer("rien n’est gardé")
	// In the direct conversation, by messages.
	r.alice.DM("form")
	r.Posted(r.alice.DMChannel(), "Ton nom")
	r.alice.DM("Camille")
	r.Posted(r.alice.DMChannel(), "Ton expérience")
}

// Every question is answered in time, however long the work takes.
func TestAcknowledgedInTime(t *testing.T) {
	t.Parallel()
	r := prepare(t)
	release := make(chan struct{})
	r.extra = func(routes *bot.Routes) {
		if err := routes.Command(bot.Command{Names: []string{"jury planifier"}, Args: true, Run: func(ctx context.Context, _ bot.Request) (bot.Response, error) {
			<-release
			return bot.Whisper("enfin"), nil
		}}); err != nil {
			t.Fatal(err)
		}
	}
	r.start(withMenu)
	i := r.alice.Command(r.town, "jury planifier", map[string]any{"date": "demain"})
	if took := i.Acknowledged(); took.Seconds() > 1 {
		t.Errorf("acknowledged after %s", took)
	}
	close(release)
	i.Answer("enfin")
}

func TestReactions(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	answer := r.Reply(r.alice.Say(r.town, r.Mention()+" bonjour"), "entendu")
	r.alice.React(answer, "👍")
	r.oto.React(answer, "❌")
	r.rose.React(answer, "❌")
	r.Until("the answer to be removed", func() bool { return answer.Deleted })
	r.Until("every reaction to be looked at", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return len(r.moods) == 3
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	var names []string
	for _, m := range r.moods {
		names = append(names, m.Emoji)
	}
	slices.Sort(names)
	if want := []string{"+1", "x", "x"}; !slices.Equal(names, want) {
		t.Errorf("the reactions are %q, want %q", names, want)
	}
}

func TestFindPost(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ctx := t.Context()
	place, err := r.platform.FindChannel(ctx, "#recruteurs")
	if err != nil || place.Visibility != bot.Private {
		t.Fatalf("the channel is %+v, %v", place, err)
	}
	to := bot.Target{Place: place}
	for key, text := range map[string]string{"jury/1/J-7": "**Rappel : Jury**\nmardi", "jury/1/J-1": "Rappel"} {
		id, err := r.platform.Post(ctx, to, bot.Post{Text: text, Key: key})
		if err != nil {
			t.Fatal(err)
		}
		found, ok, err := r.platform.FindPost(ctx, to, key, r.clock())
		if err != nil || !ok || found != id {
			t.Errorf("%s: found %q, %v, %v; posted %q", key, found, ok, err, id)
		}
	}
	if _, ok, err := r.platform.FindPost(ctx, to, "jury/2/J-7", r.clock()); ok || err != nil {
		t.Errorf("found what was never posted: %v %v", ok, err)
	}
	if _, err := r.platform.FindChannel(ctx, "nulle-part"); err != bot.ErrNoChannel {
		t.Errorf("a channel that does not exist: %v", err)
	}
	r.Hidden("secret")
	if _, err := r.platform.FindChannel(ctx, "secret"); err != bot.ErrNoChannel {
		t.Errorf("a channel that the bot may not look into: %v", err)
	}
	// The answers to a message are found by the message.
	question := r.alice.Say(r.town, r.Mention()+" bonjour")
	answer := r.Reply(question, "entendu")
	thread := bot.Target{Place: bot.Place{Platform: ID, Channel: bot.ChannelID(r.town.ID), Thread: bot.PostID(question.ID), Visibility: bot.Public}}
	found, ok, err := r.platform.FindPost(ctx, thread, "re:discord:"+question.ID+":0", r.clock())
	if err != nil || !ok || string(found) != answer.ID {
		t.Errorf("found %q, %v, %v; the answer is %q", found, ok, err, answer.ID)
	}
	if _, ok, _ := r.platform.FindPost(ctx, thread, "re:discord:"+question.ID+":1", r.clock()); ok {
		t.Error("found a second answer, and there is one")
	}
}

// Two posts with the same key within minutes are one: Discord keeps the second from being made.
func TestNonce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	to := bot.Target{Place: bot.Place{Platform: ID, Channel: bot.ChannelID(r.staff.ID), Visibility: bot.Private}}
	for range 2 {
		if _, err := r.platform.Post(t.Context(), to, bot.Post{Text: "Rappel", Key: "jury/1/J-7"}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(r.Messages(r.staff)); n != 1 {
		t.Errorf("%d messages, not 1", n)
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	to := bot.Target{Place: bottest.DirectPlace("x"), To: bot.Person{Platform: ID, User: bot.UserID(r.alice.ID)}, Direct: true}
	_, err := r.platform.Post(t.Context(), to, bot.Post{Text: "Le calendrier", Files: []bot.File{
		{Name: "jury.ics", Type: "text/calendar", Data: []byte("BEGIN:VCALENDAR")}, {Name: "stats.png", Type: "image/png", Data: []byte{1, 2, 3}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	m := r.Posted(r.alice.DMChannel(), "calendrier")
	if string(m.Files["jury.ics"]) != "BEGIN:VCALENDAR" || len(m.Files["stats.png"]) != 3 {
		t.Errorf("the files are %q", m.Files)
	}
}

// Without the right to make threads, the answer refers to the question.
func TestNoThreads(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.NoThreads()
	question := r.alice.Say(r.town, r.Mention()+" bonjour")
	if got := r.Reply(question, "entendu"); got.Channel != r.town.ID || got.Reference != question.ID {
		t.Errorf("the answer is in %s, referring to %q", got.Channel, got.Reference)
	}
}

func TestPeople(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.Member("Rosalie")
	who, err := r.platform.FindPerson(t.Context(), "@rose")
	if err != nil || string(who.User) != r.rose.ID || who.Name != "Rose" {
		t.Errorf("found %+v, %v", who, err)
	}
	if _, err := r.platform.FindPerson(t.Context(), "ros"); err != bot.ErrNoPerson {
		t.Errorf("half a name: %v", err)
	}
	if _, err := r.platform.FindPerson(t.Context(), "candide"); err != bot.ErrNoPerson {
		t.Errorf("a program: %v", err)
	}
	if got := r.platform.NameOf(t.Context(), who); got != "Rose" {
		t.Errorf("called %q", got)
	}
	// Those who may be notified are, by their own account; nobody else.
	to := bot.Target{Place: bot.Place{Platform: ID, Channel: bot.ChannelID(r.staff.ID), Visibility: bot.Private}}
	if _, err := r.platform.Post(t.Context(), to, bot.Post{Text: "Rappel pour @Rose et @Alice", Mentions: []bot.Person{who}}); err != nil {
		t.Fatal(err)
	}
	m := r.Posted(r.staff, "Rappel pour <@"+r.rose.ID+"> et @Alice")
	if users, _ := m.Allowed["users"].([]any); len(users) != 1 || users[0] != r.rose.ID {
		t.Errorf("%v may be notified", m.Allowed)
	}
	// Whom people mention reaches the conversations by name.
	r.Reply(r.alice.Say(r.town, r.Mention()+" avec <@"+r.rose.ID+">"), "entendu : avec @rose")
}

func TestRecall(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	question := r.alice.Say(r.town, r.Mention()+" bonjour")
	r.Reply(question, "entendu")
	place := bot.Place{Platform: ID, Channel: bot.ChannelID(r.town.ID), Name: "recrutement", Thread: bot.PostID(question.ID), Visibility: bot.Public}
	for _, post := range []bot.Post{{Text: "Le **salaire**.", Entry: "salaire"}, {Text: "je ne sais pas"}} {
		id, err := r.platform.Post(t.Context(), bot.Target{Place: place}, post)
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.platform.Recall(t.Context(), place, id)
		if err != nil || got.Entry != post.Entry || got.Question.Text != "bonjour" || string(got.Question.From.User) != r.alice.ID {
			t.Errorf("recalled %+v, %v", got, err)
		}
	}
	id, err := r.platform.Post(t.Context(), bot.Target{Place: bot.Place{Platform: ID, Channel: place.Channel, Visibility: bot.Public}}, bot.Post{Text: "annonce"})
	if err != nil {
		t.Fatal(err)
	}
	place.Thread = ""
	if _, err := r.platform.Recall(t.Context(), place, id); err != bot.ErrForgotten {
		t.Errorf("what answers nothing: %v", err)
	}
}
