package e2e

import (
	"strings"
	"testing"

	"candide/e2e/harness"
)

func TestCandidateAsks(t *testing.T) {
	t.Parallel()
	s := play(t)

	// In the configured channel, without being mentioned: a threaded answer.
	question := s.alice.Post(s.town, "Bonjour, c'est payé combien ?")
	answer := s.alice.WaitReply(question, harness.By(s.bot), harness.Contains("2 500", "source"))
	if answer.RootId != question.Id {
		t.Errorf("the answer is not in the question's thread")
	}
	if got, _ := answer.GetProp("candide_entry").(string); got != "salaire" {
		t.Errorf("the answer says that it is from the entry %q", got)
	}

	// Chatter is not answered, nor is a question that another one asks in passing.
	s.silent(t, s.alice,
		s.alice.Post(s.town, "Merci, bonne journée à tous !"),
		s.alice.Post(s.town, "On mange où à midi ?"),
	)

	// A mention, anywhere it is a member, also inside a thread.
	elsewhere := s.Public("ailleurs", s.alice, s.bot)
	unasked := s.alice.Post(elsewhere, "c'est payé combien ?")
	asked := s.alice.Reply(unasked, s.at()+" : on peut télétravailler ?")
	s.alice.WaitReply(asked, harness.By(s.bot), harness.Contains("travail à distance"))
	if thread := s.alice.Thread(unasked); len(thread) != 3 {
		t.Errorf("%d posts in the thread, not 3", len(thread))
	}

	// A direct message is answered in the conversation, not in a thread.
	s.alice.DM(s.bot, "jusqu'à quand candidater ?")
	direct := s.alice.WaitPost(s.alice.DMChannel(s.bot), harness.By(s.bot), harness.Contains("23 novembre"))
	if direct.RootId != "" {
		t.Error("the direct answer begins a thread")
	}

	// The slash command is answered to the asker alone.
	s.alice.Slash(s.town, "/candide c'est payé combien ?")
	private := s.alice.WaitEphemeral(harness.Contains("2 500"))
	for _, post := range s.oto.Recent(s.town) {
		if post.Id == private.Id || strings.HasPrefix(post.Message, "/candide") {
			t.Error("somebody else sees the slash command or its answer")
		}
	}
}
