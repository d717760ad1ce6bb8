// Package terminal is the platform of whoever sits at the prompt: one person, who is also a recruiter, and one place
// where everything arrives. It shows every conversation with no account and no configuration.
package terminal

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"candide/bot"
)

// ID is the platform's.
const ID bot.PlatformID = "terminal"

const user bot.UserID = "local"

// place is the only one there is. It is direct, so that forms are asked here, and stands for any team's channel.
var place = bot.Place{Platform: ID, Channel: "prompt", Visibility: bot.Direct}

// Terminal is the platform. It is safe for concurrent use.
type Terminal struct {
	in     io.Reader
	prompt string
	now    func() time.Time

	mu    sync.Mutex
	out   io.Writer
	posts int
	// answering: somebody waits for what they typed to be answered, and the prompt comes after that.
	answering bool
}

// New returns a terminal that reads lines from in and writes to out. The prompt is shown before each line.
func New(in io.Reader, out io.Writer, prompt string, now func() time.Time) *Terminal {
	return &Terminal{in: in, out: out, prompt: prompt, now: now}
}

// ID implements bot.Platform.
func (t *Terminal) ID() bot.PlatformID { return ID }

// Run reads lines until in ends or ctx is done. The end of in is not the end of the bot: the other platforms go on.
func (t *Terminal) Run(ctx context.Context, inbox bot.Inbox) error {
	lines := make(chan string)
	go func() {
		// A read from a terminal cannot be interrupted: this goroutine ends with the process or with in.
		defer close(lines)
		scanner := bufio.NewScanner(t.in)
		scanner.Buffer(nil, 1<<20)
		for scanner.Scan() {
			select {
			case lines <- scanner.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	t.write(t.prompt)
	for {
		select {
		case <-ctx.Done():
			return nil
		case text, open := <-lines:
			if !open {
				<-ctx.Done()
				return nil
			}
			if err := t.hear(ctx, inbox, text); err != nil {
				return err
			}
			t.write(t.prompt)
		}
	}
}

func (t *Terminal) hear(ctx context.Context, inbox bot.Inbox, text string) error {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil
	}
	t.setAnswering(true)
	defer t.setAnswering(false)
	done, err := inbox.Message(ctx, bot.Message{
		Place: place, From: bot.Person{Platform: ID, User: user, Name: "prompt"},
		Text: strings.TrimSpace(strings.TrimPrefix(text, "/candide")), At: t.now(), Addressed: true,
	})
	if err != nil {
		return fmt.Errorf("handling what was typed: %w", err)
	}
	select {
	case <-done:
	case <-ctx.Done():
	}
	return nil
}

func (t *Terminal) setAnswering(answering bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.answering = answering
}

func (t *Terminal) write(s string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	// Nothing can be done about a terminal that cannot be written to.
	_, _ = io.WriteString(t.out, s)
}

// Post implements bot.Platform.
func (t *Terminal) Post(_ context.Context, _ bot.Target, p bot.Post) (bot.PostID, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.posts++
	text := render(p)
	if !t.answering {
		text += t.prompt // a reminder came while nobody waited: the prompt moves below it
	}
	if _, err := io.WriteString(t.out, text); err != nil {
		return "", fmt.Errorf("writing to the terminal: %w", err)
	}
	return bot.PostID(strconv.Itoa(t.posts)), nil
}

// Update implements bot.Platform: what is written stays written, so the new text follows.
func (t *Terminal) Update(ctx context.Context, _ bot.Place, _ bot.PostID, p *bot.Post) error {
	if p == nil {
		return nil
	}
	_, err := t.Post(ctx, bot.Target{}, *p)
	return err
}

// render writes a post with its buttons as numbers to type, and its text files in full, but for
// calendars, which nobody reads.
func render(p bot.Post) string {
	var b strings.Builder
	b.WriteString("\n")
	for line := range strings.Lines(unmarked(p.Text)) {
		wrap(&b, strings.TrimRight(line, "\n"))
	}
	n := 0
	for _, a := range p.Actions {
		if a.URL != "" {
			fmt.Fprintf(&b, "    %s: %s\n", a.Label, a.URL)
			continue
		}
		n++
		fmt.Fprintf(&b, "    %d. %s\n", n, a.Label)
	}
	for _, f := range p.Files {
		if strings.HasPrefix(f.Type, "text/") && !strings.HasPrefix(f.Type, "text/calendar") || f.Type == "application/json" {
			fmt.Fprintf(&b, "  ── %s ──\n%s\n", f.Name, f.Data)
			continue
		}
		fmt.Fprintf(&b, "  ── %s, %d bytes ──\n", f.Name, len(f.Data))
	}
	b.WriteString("\n")
	return strings.Map(shown, b.String())
}

// shown drops what would drive the terminal instead of being read on it: anybody may have written the text.
func shown(r rune) rune {
	switch {
	case r == '\n' || r == '\t':
		return r
	case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
		return -1
	}
	return r
}

// IsRecruiter implements bot.Recruiters: whoever can type here can read the database too.
func (t *Terminal) IsRecruiter(context.Context, bot.Person) (bool, error) { return true, nil }

// NameOf implements bot.Namer.
func (t *Terminal) NameOf(_ context.Context, who bot.Person) string {
	if who.User == user {
		return "prompt"
	}
	return strings.TrimPrefix(string(who.User), "@")
}

// RecruitersPlace implements bot.RecruitersChannel.
func (t *Terminal) RecruitersPlace(context.Context) (bot.Place, error) { return place, nil }

// Only implements bot.Solo.
func (t *Terminal) Only() bot.Person { return bot.Person{Platform: ID, User: user, Name: "prompt"} }

// FindPerson implements bot.People: there is one person, and whoever is named is made up for the demonstration.
func (t *Terminal) FindPerson(_ context.Context, name string) (bot.Person, error) {
	name = strings.Trim(name, "@. ")
	if name == "" {
		return bot.Person{}, bot.ErrNoPerson
	}
	if name == "moi" || name == "me" || name == "prompt" {
		return t.Only(), nil
	}
	return bot.Person{Platform: ID, User: bot.UserID("@" + name), Name: name}, nil
}

// FindChannel implements bot.Channels: every team's channel is the prompt, under the name asked for.
func (t *Terminal) FindChannel(_ context.Context, name string) (bot.Place, error) {
	p := place
	p.Name = strings.TrimLeft(name, "~#")
	return p, nil
}

// unmarked takes the Markdown that a terminal does not show out of a text.
func unmarked(text string) string {
	return emphasis.ReplaceAllString(strings.NewReplacer("**", "", "`", "").Replace(text), "$1$2$3")
}

// emphasis is a line's or a phrase's, not a star or an underscore within a word.
var emphasis = regexp.MustCompile(`(^|[\s(])[*_]([^\s*_][^*_\n]*)[*_]([\s.,;:!?)]|$)`)

// width is where lines are broken, in characters: what any terminal shows.
const width = 78

// wrap writes one line, indented, broken between words.
func wrap(b *strings.Builder, line string) {
	column := 0
	for i, word := range strings.Fields(line) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
			b.WriteString("  ")
		case column+1+n > width:
			b.WriteString("\n  ")
			column = 0
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	b.WriteByte('\n')
}
