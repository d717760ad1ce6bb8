package ask_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"candide/bot"
	"candide/bot/bottest"
	"candide/faq"
	"candide/handlers/ask"
	"candide/handlers/campaigns"
	"candide/handlers/handlertest"
)

// index decides as it is told: how a question is understood is tested in faq.
type index struct {
	f      *faq.FAQ
	decide func(faq.Question) faq.Decision
}

func (x index) FAQ() *faq.FAQ                      { return x.f }
func (x index) Decide(q faq.Question) faq.Decision { return x.decide(q) }
func answer(id, text string) faq.Answer            { return faq.Answer{Entry: id, Text: text} }
func decided(d faq.Decision) func(faq.Question) faq.Decision {
	return func(faq.Question) faq.Decision { return d }
}

const campaign = `
id: test
title: Un poste
address: tu
closes: 2020-11-23T23:59
contact: rh@example.org
source: l’annonce
entries:
  - id: salaire
    title: {fr: Le salaire, en: Pay}
    question: Combien ?
    answer: {fr: Assez., en: Enough.}
    source: page 2
  - id: candidater
    title: Comment candidater
    question: Comment candidater ?
    answer: Par le formulaire.
    closed: C’est fini depuis le {closes}.
    applying: true
`

var (
	open   = time.Date(2020, 11, 16, 9, 0, 0, 0, time.UTC)
	closed = time.Date(2020, 11, 24, 9, 0, 0, 0, time.UTC)
)

// start is a world in which every question is decided as decide says, and what people press on for is recorded.
func start(t *testing.T, now time.Time, file string, collects bool, decide func(faq.Question) faq.Decision) *bottest.World {
	t.Helper()
	f := handlertest.Parse(t, file)
	w := handlertest.Words(t, "tu")
	set := campaigns.NewSet(campaigns.New(index{f, decide}, []string{"recrutement"}, "", nil))
	return bottest.NewWorld(t, bottest.Options{At: now, Phrases: w, Register: func(world *bottest.World) {
		ask.New(ask.Options{Words: w, Campaigns: set, Now: world.Clock.Now, Collects: collects}).Register(world.Routes)
	}})
}

func one(t *testing.T, posts []bottest.Posted) bot.Post {
	t.Helper()
	if len(posts) != 1 {
		t.Fatalf("posted %d times: %+v", len(posts), posts)
	}
	return posts[0].Post
}

func labels(p bot.Post) string {
	var all []string
	for _, a := range p.Actions {
		all = append(all, a.Label)
	}
	return strings.Join(all, "|")
}

func TestAnswers(t *testing.T) {
	pay := answer("salaire", "Assez.")
	apply := answer("candidater", "Par le formulaire.")
	for _, c := range []struct {
		name, text, buttons string
		now                 time.Time
		collects            bool
		d                   faq.Decision
	}{
		{
			name: "one entry, its own source", now: open, collects: true,
			d:    faq.Decision{Entry: "salaire", Lang: "fr", Answers: []faq.Answer{pay}},
			text: "Assez.\n\n*Le salaire* · source : page 2",
		},
		{
			name: "in English", now: open, collects: true,
			d:    faq.Decision{Entry: "salaire", Lang: "en", Answers: []faq.Answer{answer("salaire", "Enough.")}},
			text: "Enough.\n\n*Pay* · source: page 2",
		},
		{
			name: "about applying, the campaign's source", now: open, collects: true,
			d:       faq.Decision{Entry: "candidater", Lang: "fr", Answers: []faq.Answer{apply}},
			text:    "Par le formulaire.\n\n*Comment candidater* · source : l’annonce",
			buttons: "Laisser mes coordonnées",
		},
		{
			name: "about applying, where nothing is collected", now: open,
			d:    faq.Decision{Entry: "candidater", Lang: "fr", Answers: []faq.Answer{apply}},
			text: "Par le formulaire.\n\n*Comment candidater* · source : l’annonce",
		},
		{
			name: "about applying, once closed", now: closed, collects: true,
			d:       faq.Decision{Entry: "candidater", Lang: "fr", Answers: []faq.Answer{answer("candidater", "C’est fini.")}},
			text:    "C’est fini.\n\n*Comment candidater* · source : l’annonce\n\nTu veux qu’on te prévienne d’une prochaine campagne ?",
			buttons: "Laisser mes coordonnées",
		},
		{
			name: "several", now: open, collects: true,
			d:       faq.Decision{Entry: "salaire", Lang: "fr", Answers: []faq.Answer{pay, apply}},
			text:    "Assez.\n\n*Le salaire* · source : page 2\n\n---\n\nPar le formulaire.\n\n*Comment candidater* · source : l’annonce",
			buttons: "Laisser mes coordonnées",
		},
	} {
		c.d.Outcome = faq.Answered
		got := one(t, start(t, c.now, campaign, c.collects, decided(c.d)).Direct("carl", "?"))
		if got.Text != c.text || labels(got) != c.buttons || got.Entry != c.d.Entry {
			t.Errorf("%s: %q, buttons %q, entry %q; want\n%q, %q", c.name, got.Text, labels(got), got.Entry, c.text, c.buttons)
		}
	}
}

// Without any source nothing is said of one.
func TestAnswerWithoutSource(t *testing.T) {
	file := strings.Replace(strings.Replace(campaign, "source: l’annonce\n", "", 1), "    source: page 2\n", "", 1)
	d := faq.Decision{Outcome: faq.Answered, Entry: "salaire", Lang: "fr", Answers: []faq.Answer{answer("salaire", "Assez.")}}
	if got := one(t, start(t, open, file, false, decided(d)).Direct("carl", "?")); got.Text != "Assez.\n\n*Le salaire*" {
		t.Errorf("said %q", got.Text)
	}
}

func TestSuggestions(t *testing.T) {
	d := faq.Decision{Outcome: faq.Suggested, Lang: "fr", Suggestions: []string{"salaire", "candidater", "archived-since"}}
	w := start(t, closed.Add(-11*time.Hour), campaign, true, decided(d)) // an hour before it closes
	asked := w.Direct("carl", "?")
	menu := one(t, asked)
	if menu.Text != "Je ne suis pas sûr d’avoir compris. Ta question est-elle l’une de celles-ci ?" ||
		labels(menu) != "Le salaire|Comment candidater|Aucune de celles-ci" {
		t.Fatalf("suggested %q: %q", menu.Text, labels(menu))
	}
	// Anyone in the thread may choose, once: the choice takes the menu's place.
	w.Press("dina", asked[0], "Le salaire")
	if got := w.Platform.Posts()[0].Post; got.Text != "Assez.\n\n*Le salaire* · source : page 2" || len(got.Actions) != 0 || got.Entry != "salaire" {
		t.Errorf("the menu became %+v", got)
	}
	asked = w.Direct("carl", "?")
	w.Press("carl", asked[0], "Aucune")
	if got := w.Platform.Last().Post.Text; !strings.Contains(got, "je préfère ne rien inventer") || !strings.Contains(got, "rh@example.org") {
		t.Errorf("none of these: %q", got)
	}
	// By its number, once the campaign has closed.
	w.Direct("carl", "?")
	w.Clock.Advance(time.Hour)
	w.Direct("carl", "2")
	if got := w.Platform.Last().Post.Text; !strings.HasPrefix(got, "C’est fini depuis le lundi 23 novembre 2020") {
		t.Errorf("chosen once closed: %q", got)
	}
}

func TestSuggestionsInEnglish(t *testing.T) {
	d := faq.Decision{Outcome: faq.Suggested, Lang: "en", Suggestions: []string{"salaire"}}
	w := start(t, open, campaign, true, decided(d))
	asked := w.Direct("carl", "?")
	if got := labels(one(t, asked)); got != "Pay|None of these" {
		t.Errorf("suggested %q", got)
	}
	w.Press("carl", asked[0], "Pay")
	if got := w.Platform.Last().Post.Text; got != "Enough.\n\n*Pay* · source: page 2" {
		t.Errorf("chosen: %q", got)
	}
}

// What the bot does not answer: each kind has its one fixed sentence.
func TestUnknown(t *testing.T) {
	for _, c := range []struct {
		name string
		d    faq.Decision
		want string
	}{
		{"recruitment", faq.Decision{Kind: "recruitment", Asked: "conges"}, "Je n’ai pas la réponse à cette question, et je préfère ne rien inventer. Écris à **rh@example.org** : une vraie personne te répondra."},
		{"health or family", faq.Decision{Kind: "recruitment", Asked: "handicap", Private: true}, "Cette question mérite un échange en privé avec une vraie personne : écris à **rh@example.org**. Inutile de donner ici des détails sur ta santé ou ta famille."},
		{"insults and injections", faq.Decision{Kind: "refused"}, "Je suis là pour les questions sur ce recrutement, et seulement pour cela. Si tu en as une, pose-la-moi."},
		{"a greeting", faq.Decision{Kind: "talk", Asked: "politesse"}, "Bonjour ! Je suis Candide, un programme qui répond aux questions sur ce recrutement. Que veux-tu savoir ?"},
		{"about the bot", faq.Decision{Kind: "talk", Asked: "bot"}, "Je suis Candide, un programme, pas une personne. Je réponds avec les mots que l’équipe de recrutement a approuvés. Pour parler à quelqu’un : **rh@example.org**."},
		{"nothing understood", faq.Decision{}, "Je n’ai pas compris. Pose-moi une question sur le poste : le contrat, le salaire, le télétravail, les dates…"},
	} {
		c.d.Outcome, c.d.Lang = faq.Unknown, "fr"
		if got := one(t, start(t, open, campaign, true, decided(c.d)).Direct("carl", "?")); got.Text != c.want || len(got.Actions) != 0 {
			t.Errorf("%s: %q, want %q", c.name, got.Text, c.want)
		}
	}
}

// A campaign that names no contact sends nobody to an empty address.
func TestUnknownWithoutContact(t *testing.T) {
	file := strings.Replace(campaign, "contact: rh@example.org\n", "", 1)
	for _, d := range []faq.Decision{{Kind: "recruitment"}, {Kind: "recruitment", Private: true}, {Kind: "talk", Asked: "bot"}} {
		d.Outcome, d.Lang = faq.Unknown, "fr"
		got := one(t, start(t, open, file, true, decided(d)).Direct("carl", "?")).Text
		if strings.Contains(got, "****") || !strings.Contains(got, "L’équipe de recrutement") {
			t.Errorf("%+v: %q", d, got)
		}
	}
}

// Where the bot may speak: when addressed, and in the campaign's channels, as the question then says.
func TestWhere(t *testing.T) {
	var asked []faq.Question
	w := start(t, open, campaign, true, func(q faq.Question) faq.Decision {
		asked = append(asked, q)
		if q.Channel {
			return faq.Decision{Outcome: faq.Silent}
		}
		return faq.Decision{Outcome: faq.Unknown, Lang: "fr"}
	})
	say := func(place bot.Place, addressed, campaign bool) int {
		return len(w.Message(bot.Message{
			Place: place, From: bottest.Who("carl"), Text: "?", Addressed: addressed, Campaign: campaign, Lang: "en",
		}))
	}
	if n := say(bottest.PublicPlace("cuisine"), false, false); n != 0 || len(asked) != 0 {
		t.Errorf("in a channel that is not the campaign's: %d posts, %d questions looked at", n, len(asked))
	}
	if n := say(bottest.PublicPlace("recrutement"), false, true); n != 0 || len(asked) != 1 || !asked[0].Channel {
		t.Errorf("unaddressed in the campaign's: %d posts, %+v", n, asked)
	}
	if n := say(bottest.PublicPlace("cuisine"), true, false); n != 1 || len(asked) != 2 || asked[1].Channel {
		t.Errorf("addressed anywhere: %d posts, %+v", n, asked)
	}
	if q := asked[1]; q.Lang != "en" || !q.Now.Equal(open) || q.Text != "?" {
		t.Errorf("the question was put as %+v", q)
	}
}

// filed is an inbox that counts.
type filed struct{ texts []string }

func (f *filed) File(_ context.Context, _ bot.Request, text string, _ faq.Decision) (bool, error) {
	f.texts = append(f.texts, text)
	return true, nil
}

// What somebody asked and was unsure about is forgotten with the rest, wherever they asked it: the button that hands it to
// the recruiters then hands over nothing.
func TestForget(t *testing.T) {
	for _, forgotten := range []bool{false, true} {
		f := handlertest.Parse(t, campaign)
		w := handlertest.Words(t, "tu")
		doubtful := decided(faq.Decision{Outcome: faq.Suggested, Lang: "fr", Suggestions: []string{"salaire"}})
		set := campaigns.NewSet(campaigns.New(index{f, doubtful}, []string{"recrutement"}, "", nil))
		inbox, handler := &filed{}, (*ask.Handler)(nil)
		world := bottest.NewWorld(t, bottest.Options{At: open, Phrases: w, Register: func(world *bottest.World) {
			handler = ask.New(ask.Options{Words: w, Campaigns: set, Now: world.Clock.Now, Inbox: inbox})
			handler.Register(world.Routes)
		}})
		asked := world.Direct("carl", "le secret de carl")
		if forgotten {
			handler.Forget(bot.Request{From: bottest.Who("carl"), Place: bottest.PublicPlace("ailleurs")})
		}
		handler.Forget(bot.Request{From: bottest.Who("dina"), Place: bottest.DirectPlace("dina")})
		world.Press("carl", asked[0], "Aucune")
		if got := strings.Join(inbox.texts, "|"); strings.Contains(got, "secret") == forgotten {
			t.Errorf("forgotten %v: handed over %q", forgotten, got)
		}
	}
}
