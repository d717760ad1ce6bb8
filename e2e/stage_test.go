package e2e

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost/server/public/model"

	"candide/e2e/harness"
)

// open is a moment at which the default FAQ's campaign takes applications.
var open = time.Date(2020, 11, 16, 9, 0, 0, 0, time.UTC)

// privacy lets candide collect expressions of interest.
const privacy = `privacy: {controller: Direction du test, contact: dpo@example.org, legal_basis: "mission d'intérêt public"}`

// stage is a team where candide works: a public channel, the recruiters' and the team's, and one person of each kind.
type stage struct {
	*harness.World
	town, staff, team *model.Channel
	bot               *harness.Bot
	candide           *harness.Candide
	alice, rose, oto  *harness.User // a candidate, a recruiter, an outsider
}

// newStage prepares everything but the process.
func newStage(t *testing.T, w *harness.World) *stage {
	t.Helper()
	s := &stage{World: w, town: w.Public("recrutement"), staff: w.Private("recruteurs"), team: w.Private("jury-deploiement")}
	s.bot = w.Bot("candide", s.staff, s.team)
	s.alice, s.oto = w.User("alice", s.town), w.User("oto", s.town)
	s.rose = w.User("rose", s.town, s.staff, s.team)
	return s
}

// config is candide's, for the stage.
func (s *stage) config(t *testing.T) harness.Config {
	t.Helper()
	faq, err := filepath.Abs("../faq/deploiement-2020.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return harness.Config{
		RecruitersChannel: "recruteurs", Command: s.trigger(), FAQ: faq,
		Channels: []string{"recrutement"}, TeamChannel: "jury-deploiement", At: open, Extra: privacy,
	}
}

// trigger is the slash command's: the same in every team.
func (s *stage) trigger() string { return "candide" }

// play starts candide on a new stage of the shared server, with a bot that may make its slash command.
func play(t *testing.T, change ...func(*harness.Config)) *stage {
	t.Helper()
	s := newStage(t, harness.NewWorld(t))
	s.MakeTeamAdmin(s.bot)
	s.start(t, change...)
	return s
}

// start runs candide until the test ends.
func (s *stage) start(t *testing.T, change ...func(*harness.Config)) {
	t.Helper()
	c := s.config(t)
	for _, f := range change {
		f(&c)
	}
	s.candide = s.World.Candide(s.bot, c)
}

// at is the bot's name as people mention it.
func (s *stage) at() string { return "@" + s.bot.Username }

// silent checks that nobody answered in a thread, once the bot has answered a later message of the same person:
// it handles one person's messages in order.
func (s *stage) silent(t *testing.T, by *harness.User, posts ...*model.Post) {
	t.Helper()
	later := by.Post(s.town, s.at()+" c'est payé combien ?")
	by.WaitReply(later, harness.By(s.bot))
	for _, post := range posts {
		for _, reply := range by.Thread(post) {
			if reply.UserId == s.bot.UserID() {
				t.Errorf("the bot answers %q with %q", post.Message, reply.Message)
			}
		}
	}
}

// button returns the label of a post's first button that contains text.
func button(t *testing.T, post *model.Post, text string) string {
	t.Helper()
	for _, a := range post.Attachments() {
		for _, action := range a.Actions {
			if strings.Contains(action.Name, text) {
				return action.Name
			}
		}
	}
	t.Fatalf("no button with %q in:\n%s", text, harness.Text(post))
	return ""
}
