// Package scenarios holds what people do and see on every platform, in one table, and plays it. A platform is tested by
// writing a Driver for it.
package scenarios

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

//go:embed scenarios.yaml
var file []byte

// Scenario is one story.
type Scenario struct {
	Name  string   `yaml:"name"`
	Needs []string `yaml:"needs"`
	Steps []Step   `yaml:"steps"`
}

// Pair is a field or an option with its value.
type Pair [2]string

// Step is one thing that somebody does or sees: scenarios.yaml explains each.
type Step struct {
	Who      string   `yaml:"who"`
	Asks     string   `yaml:"asks"`
	Tells    string   `yaml:"tells"`
	Vague    []string `yaml:"vague"`
	Commands string   `yaml:"commands"`
	Filled   []Pair   `yaml:"filled"`
	Presses  string   `yaml:"presses"`
	Fills    []Pair   `yaml:"fills"`
	Wrong    string   `yaml:"wrong"`
	Sees     []string `yaml:"sees"`
	Lacks    []string `yaml:"lacks"`
	Quiet    bool     `yaml:"quiet"`
	Direct   bool     `yaml:"direct"`
	Only     string   `yaml:"only"`
}

// Driver acts for people on one platform, on a fresh bot. Its methods end the test when the platform cannot do it.
type Driver interface {
	// Can reports whether the platform has what a scenario needs.
	Can(need string) bool
	// Dialogs reports whether forms are dialogs there, and not asked by messages.
	Dialogs() bool
	Ask(who, text string)
	Tell(who, text string)
	Command(who, words string, filled []Pair)
	// Press presses the button whose label holds this, of the post that the person saw last; a number is the button's.
	Press(who, label string)
	// Fill answers the form that is open. It returns what the platform says is wrong with it; empty: nothing.
	Fill(who string, values []Pair, wrong bool) string
	// Sees waits for a post that holds every text, and returns all that is read in it.
	Sees(who string, texts []string) string
	// Unsure asks, and reports whether the bot offers a choice.
	Unsure(who, text string) bool
	// Quiet checks that what the person told last was not answered.
	Quiet(who string)
}

// All returns the table.
func All(t testing.TB) []Scenario {
	t.Helper()
	var list []Scenario
	if err := yaml.UnmarshalWithOptions(file, &list, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	return list
}

// Run plays every scenario that the platform can, each on the driver that start gives.
func Run(t *testing.T, start func(t *testing.T) Driver) {
	played := 0
	for _, s := range All(t) {
		t.Run(s.Name, func(t *testing.T) {
			d := start(t)
			if i := slices.IndexFunc(s.Needs, func(need string) bool { return !d.Can(need) }); i >= 0 {
				t.Skipf("this platform has no %s", s.Needs[i])
			}
			for n, step := range s.Steps {
				if step.Only == "dialogs" && !d.Dialogs() || step.Only == "typed" && d.Dialogs() {
					continue
				}
				if err := play(d, step); err != nil {
					t.Fatalf("step %d: %v", n+1, err)
				}
			}
			played++
		})
	}
	if played < 5 && !t.Failed() {
		t.Errorf("only %d scenarios were played", played)
	}
}

func play(d Driver, s Step) error {
	switch {
	case s.Asks != "":
		d.Ask(s.Who, s.Asks)
	case s.Tells != "":
		d.Tell(s.Who, s.Tells)
	case s.Vague != nil:
		if !slices.ContainsFunc(s.Vague, func(text string) bool { return d.Unsure(s.Who, text) }) {
			return fmt.Errorf("the bot is sure of all of %q", s.Vague)
		}
	case s.Commands != "":
		d.Command(s.Who, s.Commands, s.Filled)
	case s.Presses != "":
		d.Press(s.Who, s.Presses)
	case s.Fills != nil:
		got := d.Fill(s.Who, s.Fills, s.Wrong != "")
		if s.Wrong == "" && got != "" || !contains(got, s.Wrong) {
			return fmt.Errorf("what is wrong is %q, want %q", got, s.Wrong)
		}
	case s.Sees != nil:
		got := d.Sees(s.Who, s.Sees)
		for _, bad := range s.Lacks {
			if contains(got, bad) {
				return fmt.Errorf("%q is in %q", bad, got)
			}
		}
	case s.Quiet:
		d.Quiet(s.Who)
	default:
		return fmt.Errorf("nothing to do: %+v", s)
	}
	return nil
}

func contains(text, part string) bool { return strings.Contains(text, part) }
