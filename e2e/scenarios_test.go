package e2e

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/mattermost/mattermost/server/public/model"

	"candide/e2e/harness"
)

// scenario is one story of the table that every platform plays: bot/bottest/scenarios/scenarios.yaml, which explains the
// steps. Only the file is shared: these tests import nothing of the program.
type scenario struct {
	Name  string         `yaml:"name"`
	Needs []string       `yaml:"needs"` // Mattermost has everything
	Steps []scenarioStep `yaml:"steps"`
}

type scenarioStep struct {
	Who      string      `yaml:"who"`
	Asks     string      `yaml:"asks"`
	Tells    string      `yaml:"tells"`
	Vague    []string    `yaml:"vague"`
	Commands string      `yaml:"commands"`
	Filled   [][2]string `yaml:"filled"`
	Presses  string      `yaml:"presses"`
	Fills    [][2]string `yaml:"fills"`
	Wrong    string      `yaml:"wrong"`
	Sees     []string    `yaml:"sees"`
	Lacks    []string    `yaml:"lacks"`
	Quiet    bool        `yaml:"quiet"`
	Direct   bool        `yaml:"direct"`
	Only     string      `yaml:"only"`
}

func TestScenarios(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("../bot/bottest/scenarios/scenarios.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var list []scenario
	if err := yaml.UnmarshalWithOptions(src, &list, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	if len(list) < 8 {
		t.Errorf("only %d scenarios", len(list))
	}
	for _, story := range list {
		t.Run(story.Name, func(t *testing.T) {
			t.Parallel()
			p := &player{stage: play(t), t: t}
			for _, step := range story.Steps {
				if step.Only != "typed" {
					p.step(step)
				}
			}
		})
	}
}

// player acts for the people of a stage.
type player struct {
	*stage
	t       *testing.T
	told    *model.Post // what was said last in the channel
	private bool        // what comes next is for one person alone
	pressed *model.Post // the post whose button was pressed last, where everybody sees it
	seen    *model.Post
}

func (p *player) user(who string) *harness.User {
	return map[string]*harness.User{"alice": p.alice, "rose": p.rose, "oto": p.oto}[who]
}

// in is where somebody types commands.
func (p *player) in(who string) *model.Channel {
	if who == "rose" {
		return p.staff
	}
	return p.town
}

func (p *player) step(s scenarioStep) {
	p.t.Helper()
	u := p.user(s.Who)
	switch {
	case s.Asks != "":
		p.told, p.private, p.pressed = u.Post(p.town, p.at()+" "+s.Asks), false, nil
	case s.Tells != "":
		p.told, p.private, p.pressed = u.Post(p.town, s.Tells), false, nil
	case s.Vague != nil:
		if !slices.ContainsFunc(s.Vague, func(text string) bool {
			p.told = u.Post(p.town, p.at()+" "+text)
			return read(u.WaitReply(p.told, harness.By(p.bot)), []string{"Aucune de celles-ci"})
		}) {
			p.t.Fatalf("the bot is sure of all of %q", s.Vague)
		}
		p.private, p.pressed = false, nil
	case s.Commands != "":
		text := "/candide " + s.Commands
		for _, f := range s.Filled {
			text += " " + f[1]
		}
		u.Slash(p.in(s.Who), text)
		p.private, p.pressed = true, nil
	case s.Presses != "":
		label := p.seen.Attachments()[0].Actions[0].Name
		if s.Presses != "1" {
			label = button(p.t, p.seen, s.Presses)
		}
		u.Press(p.seen, label)
		if !p.private {
			p.pressed = p.seen
		}
	case s.Fills != nil:
		p.fill(s, u)
	case s.Sees != nil:
		p.see(s, u)
	case s.Quiet:
		p.silent(p.t, u, p.told)
	default:
		p.t.Fatalf("nothing to do: %+v", s)
	}
}

func (p *player) fill(s scenarioStep, u *harness.User) {
	p.t.Helper()
	fields := map[string]any{}
	for _, f := range s.Fills {
		fields[f[0]] = f[1]
	}
	dialog := u.WaitDialog(p.in(s.Who))
	answer, err := u.TrySubmitDialog(dialog, fields)
	if err != nil {
		p.t.Fatal(err)
	}
	said := ""
	for _, problem := range answer.Errors {
		said += problem + "\n"
	}
	if s.Wrong == "" && said != "" || !strings.Contains(said, s.Wrong) {
		p.t.Fatalf("what is wrong is %q, want %q", said, s.Wrong)
	}
}

func (p *player) see(s scenarioStep, u *harness.User) {
	p.t.Helper()
	match := harness.Match(func(post *model.Post) bool { return read(post, s.Sees) })
	switch {
	case s.Direct:
		p.seen = u.WaitPost(u.DMChannel(p.bot), harness.By(p.bot), match)
	case p.private:
		p.seen = u.WaitEphemeral(match)
	case p.pressed != nil:
		p.seen = u.WaitUpdate(p.pressed, match)
	default:
		p.seen = u.WaitReply(p.told, harness.By(p.bot), match)
	}
	for _, bad := range s.Lacks {
		if strings.Contains(harness.Text(p.seen), bad) {
			p.t.Errorf("%q is in %q", bad, harness.Text(p.seen))
		}
	}
}

// read reports whether a post shows all the texts, its buttons' labels included.
func read(post *model.Post, texts []string) bool {
	shown := harness.Text(post)
	for _, a := range post.Attachments() {
		for _, action := range a.Actions {
			shown += "\n" + action.Name
		}
	}
	return !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(shown, text) })
}
