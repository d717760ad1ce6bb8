package ask_test

import (
	"context"
	"strings"
	"testing"

	"candide/bot"
	"candide/bot/bottest"
	"candide/faq"
)

// People say in so many words that they are interested; whoever asks something with such words is asking.
func TestInterestPhrases(t *testing.T) {
	w := start(t, open, campaign, true, decided(faq.Decision{Outcome: faq.Unknown, Lang: "fr"}))
	for text, want := range map[string]string{
		"je suis intéressé":                              "fr",
		"Je suis intéressée !":                           "fr",
		"Bonjour, je suis très intéressé·e par le poste": "fr",
		"Je suis interessé(e) par cette offre.":          "fr",
		"j'suis intéressée":                              "fr",
		"chuis super intéressé":                          "fr",
		"Ça m'intéresse beaucoup":                        "fr",
		"Votre offre m’intéresse":                        "fr", // with a typographic apostrophe
		"LE POSTE M'INTÉRESSE !!!":                       "fr",
		"je voudrais laisser mes coordonnées":            "fr",
		"laisser mes coordonnées":                        "fr",
		"I am interested in the job":                     "en",
		"Hello, I'm very interested!":                    "en",

		"est-ce que les débutants vous intéressent ?":            "",
		"ça m'intéresse mais c'est payé combien ?":               "",
		"je suis intéressé par le télétravail, c'est possible ?": "",
		"le poste m'intéresse, je clique où ?":                   "",
		"je ne suis pas intéressé":                               "",
		"je ne suis plus intéressée par le poste":                "",
		"intéressé ?":                            "",
		"mon frère est intéressé":                "",
		"who is interested in the job?":          "",
		"am I interested in the job? no idea":    "",
		"vous pouvez me laisser vos coordonnées": "",
		"": "",
		"je suis intéressé " + strings.Repeat("vraiment ", 20): "",
	} {
		got := one(t, w.Direct("carl", text))
		said := ""
		switch labels(got) {
		case "Laisser mes coordonnées":
			said = "fr"
		case "Leave my contact details":
			said = "en"
		}
		if said != want {
			t.Errorf("%q: taken for interest in %q, want %q", text, said, want)
		}
	}
}

func TestInterestIsForTheAddressed(t *testing.T) {
	silent := decided(faq.Decision{Outcome: faq.Silent})
	w := start(t, open, campaign, true, silent)
	posts := w.Message(bot.Message{
		Place: bottest.PublicPlace("recrutement"), From: bottest.Who("carl"), Text: "je suis intéressé", Campaign: true,
	})
	if len(posts) != 0 {
		t.Errorf("said to others, it is answered %q", posts[0].Post.Text)
	}
	if posts := start(t, open, campaign, false, silent).Direct("carl", "je suis intéressé"); len(posts) != 0 {
		t.Errorf("where nothing is collected, it is answered %q", posts[0].Post.Text)
	}
}

// The button remembers the language in which it was offered.
func TestInterestButtonKeepsTheLanguage(t *testing.T) {
	w := start(t, open, campaign, true, decided(faq.Decision{Outcome: faq.Unknown, Lang: "fr"}))
	lang := ""
	w.Routes.Action("interest.open", false, func(_ context.Context, r bot.Request) (bot.Response, error) {
		lang = r.Data["lang"]
		return bot.Response{}, nil
	})
	w.Press("carl", w.Direct("carl", "I am interested")[0], "Leave my contact")
	if lang != "en" {
		t.Errorf("opened in %q, want en", lang)
	}
}
