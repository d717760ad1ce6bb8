package discord

import (
	"strings"
	"testing"

	"candide/bot/discord/discordtest"
)

func TestTalk(t *testing.T) {
	t.Parallel()
	r := newRig(t)

	// In the campaign's channel, unasked: in a thread of the question's.
	question := r.alice.Say(r.town, "C’est payé combien ?")
	answer := r.Reply(question, "entendu : C’est payé combien ?")
	if answer.Channel != question.ID {
		t.Error("the answer is not in the question's thread")
	}
	// Inside that thread.
	again := r.alice.Say(r.Thread(question), r.Mention()+" Et le télétravail ?")
	if got := r.Reply(again, "entendu : Et le télétravail ?"); got.Channel != question.ID || got.Reference != again.ID {
		t.Error("the answer does not refer to the question, or is elsewhere")
	}
	// A mention, elsewhere.
	hall := r.Public("general")
	unasked := r.alice.Say(hall, "Personne ne t’a parlé ?")
	asked := r.alice.Say(hall, r.Mention()+" : bonjour")
	r.Reply(asked, "entendu : bonjour")
	// A direct message, in the conversation.
	said := r.alice.DM("en privé")
	if got := r.Reply(said, "entendu : en privé"); got.Channel != r.alice.DMChannel().ID {
		t.Error("the answer is elsewhere")
	}
	if n := len(r.Replies(unasked)); n != 0 {
		t.Errorf("%d answers to what was not for the bot", n)
	}
}

func TestMentionsAreHarmless(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	text := "@everyone @here <@" + r.rose.ID + "> <@&" + r.Role + "> ça va ?"
	got := r.Text(r.Reply(r.alice.Say(r.town, text), "entendu"))
	for _, bad := range []string{"@everyone", "@here", "<@" + r.rose.ID, "<@&"} {
		if strings.Contains(got, bad) {
			t.Errorf("the echo %q holds %q", got, bad)
		}
	}
}

func TestLongAnswer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	words := strings.Repeat("bonjour ", 450)
	question := r.alice.DM(words + "fin")
	r.Reply(question, "fin")
	whole := ""
	for _, m := range r.Replies(question) {
		whole += " " + r.Text(m)
	}
	if got := strings.Count(whole, "bonjour"); got != 450 {
		t.Errorf("%d of 450 words arrived", got)
	}
}

func TestButtons(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, n := range []string{"3", "12"} { // buttons, and a menu
		offered := r.Reply(r.alice.Say(r.town, r.Mention()+" choix "+n), "lequel")
		// Somebody else's press does nothing.
		r.oto.Press(offered, "Choix 2").Answer("button-over")
		i := r.alice.Press(offered, "Choix 2")
		i.Acknowledged()
		r.Until("the choice to show", func() bool { return offered.Edits == 1 })
		if got := r.Text(offered); got != "choisi : 2" {
			t.Errorf("the post shows %q", got)
		}
	}
	// A number said where the buttons are.
	offered := r.Reply(r.alice.Say(r.town, r.Mention()+" choix"), "lequel")
	r.alice.Say(r.Thread(&discordtest.Message{ID: offered.Channel}), "3")
	r.Until("the choice to show", func() bool { return offered.Edits == 1 })
}
