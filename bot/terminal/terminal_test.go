package terminal_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"candide/bot"
	"candide/bot/terminal"
)

// inbox records messages, and answers as it is told.
type inbox struct {
	bot.Inbox
	err error

	mu    sync.Mutex
	heard []bot.Message
	third chan struct{} // closed at the third message
}

func (i *inbox) Message(_ context.Context, m bot.Message) (<-chan struct{}, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.heard = append(i.heard, m)
	if len(i.heard) == 3 {
		close(i.third)
	}
	done := make(chan struct{})
	close(done)
	return done, i.err
}

var now = time.Date(2020, 11, 16, 9, 0, 0, 0, time.UTC)

func clock() time.Time { return now }

func TestRun(t *testing.T) {
	in := strings.NewReader("combien ?\n\n   \n/candide aide\nder\u00a0nière")
	i := &inbox{third: make(chan struct{})}
	var out strings.Builder
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- terminal.New(in, &out, "> ", clock).Run(ctx, i) }()
	<-i.third
	select {
	case err := <-ended:
		t.Errorf("the end of what is typed is the end of the bot: %v", err)
	default:
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("stopped with %v", err)
	}
	var texts []string
	for _, m := range i.heard {
		texts = append(texts, m.Text)
		if !m.Addressed || m.Command || m.From.Bot || m.Place.Visibility != bot.Direct || !m.At.Equal(now) {
			t.Errorf("heard %+v", m)
		}
	}
	if got := strings.Join(texts, "|"); got != "combien ?|aide|der\u00a0nière" {
		t.Errorf("heard %q", got)
	}
	if got := strings.Count(out.String(), "> "); got != 6 { // at the start, and after each of five lines
		t.Errorf("prompted %d times: %q", got, out.String())
	}
}

func TestRunStopsWhenNothingCanBeHandled(t *testing.T) {
	broken := errors.New("broken")
	i := &inbox{third: make(chan struct{}), err: broken}
	err := terminal.New(strings.NewReader("a\n"), io.Discard, "", clock).Run(context.Background(), i)
	if !errors.Is(err, broken) {
		t.Errorf("stopped with %v", err)
	}
}

func TestPost(t *testing.T) {
	var out strings.Builder
	tty := terminal.New(nil, &out, "", clock)
	long := strings.Repeat("éléphant ", 40)
	ids := map[bot.PostID]bool{}
	for range 2 {
		id, err := tty.Post(context.Background(), bot.Target{}, bot.Post{
			Text: "**Bonjour** `aide`\n\n" + long,
			Actions: []bot.Action{
				{Label: "Un", Key: "secret-key"}, {Label: "Le site", URL: "https://example.org"}, {Label: "Deux", Key: "other-key"},
			},
			Files: []bot.File{
				{Name: "a.json", Type: "application/json", Data: []byte(`{"a":1}`)},
				{Name: "b.png", Type: "image/png", Data: []byte{0x89, 0x50, 0x1b}},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		ids[id] = true
	}
	if len(ids) != 2 {
		t.Errorf("two posts have the ids %v", ids)
	}
	got := out.String()
	for _, want := range []string{"  Bonjour aide\n", "    1. Un\n", "    Le site: https://example.org\n", "    2. Deux\n", "── a.json ──\n{\"a\":1}\n", "── b.png, 3 bytes ──"} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q:\n%s", want, got)
		}
	}
	for _, not := range []string{"secret-key", "\x1b", "*", "`"} {
		if strings.Contains(got, not) {
			t.Errorf("shows %q:\n%s", not, got)
		}
	}
	for line := range strings.Lines(got) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 80 {
			t.Errorf("a line of %d characters: %q", n, line)
		}
	}
}

// What somebody else wrote must not drive the terminal of whoever reads it.
func TestControlCharactersAreNotShown(t *testing.T) {
	var out strings.Builder
	tty := terminal.New(nil, &out, "", clock)
	post := bot.Post{
		Text:    "nom \x1b[2J\x1b]0;title\a fin\rdébut\b \u009b31m",
		Actions: []bot.Action{{Label: "Voir\x1b[1A", Key: "k"}},
		Files:   []bot.File{{Name: "x\x1b.txt", Type: "text/plain", Data: []byte("a\x1b[31mb\tc\n")}},
	}
	if _, err := tty.Post(context.Background(), bot.Target{}, post); err != nil {
		t.Fatal(err)
	}
	if i := strings.IndexFunc(out.String(), func(r rune) bool { return r != '\n' && r != '\t' && (r < ' ' || r >= 0x7f && r < 0xa0) }); i >= 0 {
		t.Errorf("a control character is written: %q", out.String())
	}
	if !strings.Contains(out.String(), "b\tc") {
		t.Errorf("a tab in a file is lost: %q", out.String())
	}
}

func TestUpdate(t *testing.T) {
	var out strings.Builder
	tty := terminal.New(nil, &out, "", clock)
	if err := tty.Update(context.Background(), bot.Place{}, "1", nil); err != nil || out.Len() != 0 {
		t.Errorf("removing: %v, %q", err, out.String())
	}
	if err := tty.Update(context.Background(), bot.Place{}, "1", &bot.Post{Text: "nouveau"}); err != nil || !strings.Contains(out.String(), "nouveau") {
		t.Errorf("replacing: %v, %q", err, out.String())
	}
}

type closed struct{}

func (closed) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestPostFails(t *testing.T) {
	if _, err := terminal.New(nil, closed{}, "", clock).Post(context.Background(), bot.Target{}, bot.Post{Text: "x"}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("posting: %v", err)
	}
}

func TestWhoeverTypesIsARecruiter(t *testing.T) {
	tty := terminal.New(nil, io.Discard, "", clock)
	ok, err := tty.IsRecruiter(context.Background(), bot.Person{})
	place, placeErr := tty.RecruitersPlace(context.Background())
	team, teamErr := tty.FindChannel(context.Background(), "~equipe")
	if !ok || err != nil || placeErr != nil || teamErr != nil || place.Visibility != bot.Direct || team.Name != "equipe" || team.Channel != place.Channel {
		t.Errorf("%v, %v; %+v, %v; %+v, %v", ok, err, place, placeErr, team, teamErr)
	}
}
