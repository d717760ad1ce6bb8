package inbox_test

import (
	"context"
	"strings"
	"testing"

	"candide/bot"
	"candide/bot/bottest"
	"candide/storage"
)

func (r *rig) tallies() map[string]int {
	r.t.Helper()
	list, err := r.Store.Tallies(context.Background(), "test", "2020-11-16", "2020-11-16")
	if err != nil {
		r.t.Fatal(err)
	}
	counts := map[string]int{}
	for _, c := range list {
		counts[string(c.Kind)+" "+c.Name] = c.Count
	}
	return counts
}

func (r *rig) react(who bot.UserID, made bottest.Posted, emoji string) {
	r.t.Helper()
	place := made.To.Place
	if made.To.Direct {
		place = bottest.DirectPlace(made.To.To.User)
	}
	err := r.Runtime.React(context.Background(), bot.Reaction{Emoji: emoji, Person: bottest.Who(who), Place: place, Post: made.ID})
	if err != nil {
		r.t.Fatal(err)
	}
	r.Direct(who, "merci") // worked on after the reaction, in the same person's turn
}

func TestThumbs(t *testing.T) {
	r := start(t)
	answer := r.Direct("carl", "c'est payé combien ?")[0]
	r.react("dina", answer, "+1")
	r.react("dina", answer, "+1") // taken off and put again
	r.react("carl", answer, "tada")
	before := len(r.Platform.Posts())
	r.react("carl", answer, "-1")
	if got := r.Platform.Posts()[before]; !strings.Contains(got.Post.Text, "Je transmets ta question") || !got.To.Private {
		t.Errorf("a thumb down: %+v", got)
	}
	counts := r.tallies()
	if counts["feedback up"] != 1 || counts["feedback down"] != 1 {
		t.Errorf("counted %v", counts)
	}
	card := r.card(1)
	if !strings.Contains(card.Post.Text, "👎 1 question dont la réponse `salaire` n’a pas plu") || !strings.Contains(card.Post.Text, "c'est payé combien ?") {
		t.Errorf("the card: %s", card.Post.Text)
	}
	// What is no answer gets no thumbs.
	unknown := r.Direct("carl", "y a des tickets resto ?")[0]
	r.react("carl", unknown, "-1")
	if again := r.tallies(); again["feedback down"] != 1 {
		t.Errorf("counted %v", again)
	}
}

// A cross by a recruiter takes the bot's answer away and asks what it should have said; any other emoji, or anybody
// else's, does not.
func TestCrossedOut(t *testing.T) {
	r := start(t)
	answer := r.Direct("carl", "c'est payé combien ?")[0]
	removed := func() bool { return r.Platform.Posts()[0].Removed }
	r.react("carl", answer, "x")
	r.react("rita", answer, "tada")
	if removed() {
		t.Fatal("the answer is gone")
	}
	before := len(r.Platform.Posts())
	r.react("rita", answer, "x")
	if !removed() {
		t.Fatal("the answer is still there")
	}
	changes, err := r.Store.Changes(context.Background(), storage.BotSubject, 0)
	if err != nil || len(changes) != 1 || changes[0].Action != storage.ChangeRemoved || changes[0].By != "fake:rita" {
		t.Errorf("the log: %+v, %v", changes, err)
	}
	asked := r.Platform.Posts()[before]
	if !strings.Contains(asked.Post.Text, "Qu’aurait-il fallu répondre ?") || asked.To.To.User != "rita" || !asked.To.Private {
		t.Errorf("asked: %+v", asked)
	}
	for _, label := range []string{"Répondre", "Corriger la fiche", "Rattacher", "En faire une fiche"} {
		if asked.Button(label) == "" {
			t.Errorf("no button %q: %+v", label, asked.Post.Actions)
		}
	}
	// Another post of the bot is only taken away.
	other := r.Direct("carl", "bonjour")[0]
	before = len(r.Platform.Posts())
	r.react("rita", other, "x")
	if got := r.Platform.Posts()[before:]; len(got) != 1 { // the answer to “merci”
		t.Errorf("after another post: %+v", got)
	}
}

func TestTallies(t *testing.T) {
	r := start(t)
	for _, text := range []string{"c'est payé combien ?", "combien on gagne ?", "y a des tickets resto ?", "bonjour", "je suis enceinte, ça pose problème ?"} {
		r.Say("carl", text)
	}
	r.overheard("dina", "est-ce qu'il y a des tickets restaurant ?")
	r.overheard("dina", "on mange où ce midi ?")
	counts := r.tallies()
	for name, want := range map[string]int{
		"outcome answer": 2, "outcome unknown": 2, "outcome other": 1, "outcome silent": 1, "entry salaire": 2, "uncovered repas": 2,
	} {
		if counts[name] != want {
			t.Errorf("%s: %d, want %d of %v", name, counts[name], want, counts)
		}
	}
	for name := range counts {
		if strings.Contains(name, "parentalite") || strings.Contains(name, "sante") {
			t.Errorf("counted: %s", name)
		}
	}
}
