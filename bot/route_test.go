package bot_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"candide/bot"
	"candide/bot/bottest"
	"candide/storage"
)

// echo answers with the name of what ran, the words that follow it, and who is said to have asked.
func echo(name string) bot.Func {
	return func(_ context.Context, r bot.Request) (bot.Response, error) {
		return bot.Say(fmt.Sprintf("%s(%s)", name, r.Text)), nil
	}
}

// registerEcho is a small set of conversations: three commands for all, three for recruiters, and questions.
func registerEcho(w *bottest.World) {
	w.T.Helper()
	isNumber := func(args string) bool { return strings.Trim(args, "0123456789") == "" }
	for _, c := range []bot.Command{
		{Names: []string{"aide", "help"}, Run: echo("help")},
		{Names: []string{"mes-données", "my-data"}, Run: echo("data")},
		{Names: []string{"pause"}, Args: true, Accepts: isNumber, Run: echo("pause")},
		{Names: []string{"jury planifier", "jury plan"}, Args: true, Recruiters: true, Run: echo("plan")},
		{Names: []string{"jury liste", "jury"}, Recruiters: true, Run: echo("list")},
		{Names: []string{"jury déplacer"}, Args: true, Recruiters: true, Run: echo("move")},
		{Names: []string{"candidats liste"}, Recruiters: true, Run: echo("candidates")},
	} {
		if err := w.Routes.Command(c); err != nil {
			w.T.Fatal(err)
		}
	}
	w.Routes.Text(echo("text"))
	w.Platform.AddRecruiter("rita")
}

func texts(posts []bottest.Posted) string {
	var all []string
	for _, p := range posts {
		all = append(all, p.Post.Text)
	}
	return strings.Join(all, "\n")
}

func TestRouting(t *testing.T) {
	w := bottest.NewWorld(t, bottest.Options{Register: registerEcho})
	for _, c := range []struct{ text, want string }{
		{"aide", "help()"},
		{"  AIDE  ", "help()"},
		{"Help", "help()"},
		{"aide moi à comprendre", "text(aide moi à comprendre)"}, // a command without arguments takes none
		{"mes-données", "data()"},
		{"mes donnees", "data()"},
		{"MES_DONNÉES", "data()"},
		{"mes‑données", "data()"}, // a hyphen that does not break
		{"my data", "data()"},
		{"mes-donnéesx", "[near-command name=mes-données]"},
		{"pause", "pause()"},
		{"pause 30", "pause(30)"},
		{"pause déjeuner ?", "text(pause déjeuner ?)"},
		{"jury", "list()"},
		{"jury liste", "list()"},
		{"jury planifier mardi 14h ~équipe Été", "plan(mardi 14h ~équipe Été)"}, // arguments keep case and accents
		{"Jury-Planifier demain", "plan(demain)"},
		{"jury plan demain", "plan(demain)"},
		{"jury deplacer 2 demain", "move(2 demain)"},
		{"jury de\u0301placer 2", "move(2)"}, // an accent as a character of its own
		{"jury planifer demain", "[near-command name=jury planifier]"},
		{"jury lsite", "[near-command name=jury liste]"},
		{"aides", "[near-command name=aide]"},
		{"candidat liste", "[near-command name=candidats liste]"},
		{"candidat lsite", "text(candidat lsite)"}, // two words wrong is another thing
		{"candidat motivé", "text(candidat motivé)"},
		{"jury de demain, à quelle heure ?", "text(jury de demain, à quelle heure ?)"}, // nowhere near a command
		{"c'est payé combien ?", "text(c'est payé combien ?)"},
		{"", "text()"},
		{"\n\t ", "text(\n\t )"},
		{"\x00\xff\xfe", "text(\x00\xff\xfe)"}, // what is no text does no harm
		{strings.Repeat("é", 4000), "text(" + strings.Repeat("é", 4000) + ")"},
		{strings.Repeat("é", 4001), "[too-long]"},
		{strings.Repeat("aide ", 20_000), "[too-long]"}, // 100 kB
	} {
		if got := texts(w.Direct("rita", c.text)); got != c.want {
			t.Errorf("%.60q: %.100q, want %.100q", c.text, got, c.want)
		}
	}
}

func TestCommandNamesAreUnique(t *testing.T) {
	routes := bot.NewRoutes()
	if err := routes.Command(bot.Command{Names: []string{"mes-données"}}); err != nil {
		t.Fatal(err)
	}
	if err := routes.Command(bot.Command{Names: []string{"autre", "Mes Donnees"}}); err == nil {
		t.Error("the same name in another spelling was registered")
	}
}

func TestRecruitersOnly(t *testing.T) {
	w := bottest.NewWorld(t, bottest.Options{Register: registerEcho})
	if got := texts(w.Direct("rita", "jury plan x")); got != "plan(x)" {
		t.Errorf("a recruiter is answered %q", got)
	}
	refusal := w.Slash("carl", bottest.PublicPlace("recrutement"), "jury plan x")
	if texts(refusal) != "[recruiters-only]" || !refusal[0].To.Private {
		t.Errorf("anyone else is answered %q, private: %v", texts(refusal), refusal[0].To.Private)
	}
	// Near a command, only recruiters are told of it: for the others the words are a question.
	if got := texts(w.Direct("carl", "jury planifer x")); got != "text(jury planifer x)" {
		t.Errorf("near a recruiters' command, a candidate is answered %q", got)
	}
	w.Platform.Fail(failing(bottest.OpRecruiter))
	for _, who := range []bot.UserID{"rita", "carl"} {
		if got := texts(w.Direct(who, "jury plan x")); got != "[rights-unknown]" {
			t.Errorf("when the server cannot say, %s is answered %q", who, got)
		}
	}
	if got := texts(w.Direct("rita", "aide")); got != "help()" {
		t.Errorf("a command for everyone needs no rights: %q", got)
	}
}

// A platform that knows nothing of rights has no recruiters.
func TestNoRecruitersWithoutRights(t *testing.T) {
	w := bottest.NewWorld(t, bottest.Options{
		Platform: func(p *bottest.Platform) bot.Platform { return p }, Register: registerEcho,
	})
	if got := texts(w.Direct("rita", "jury plan x")); got != "[recruiters-only]" {
		t.Errorf("answered %q", got)
	}
}

// What recruiters are answered in public goes to them alone.
func TestRecruitersAnsweredInPrivate(t *testing.T) {
	w := bottest.NewWorld(t, bottest.Options{Register: registerEcho})
	for _, c := range []struct {
		in     bot.Place
		direct bool
	}{{bottest.PublicPlace("recrutement"), true}, {bottest.PrivatePlace("recruteurs"), false}} {
		posts := w.Message(bot.Message{Place: c.in, From: bottest.Who("rita"), Text: "jury liste", Addressed: true})
		if len(posts) != 1 || posts[0].To.Direct != c.direct {
			t.Errorf("in %s: %+v", c.in.Name, posts)
		}
	}
}

func TestOnce(t *testing.T) {
	w := bottest.NewWorld(t, bottest.Options{Register: registerEcho})
	m := bot.Message{ID: "m1", Place: bottest.DirectPlace("carl"), From: bottest.Who("carl"), Text: "aide", Addressed: true}
	if got := texts(w.Message(m)); got != "help()" {
		t.Fatalf("answered %q", got)
	}
	if got := w.Message(m); len(got) != 0 {
		t.Errorf("the same message again: %q", texts(got))
	}
	w.Restart()
	if got := w.Message(m); len(got) != 0 {
		t.Errorf("the same message after a restart: %q", texts(got))
	}
	m.Place.Platform, m.From.Platform = "elsewhere", "elsewhere"
	w.Runtime.Add(bottest.New("elsewhere"))
	done, err := w.Runtime.Message(context.Background(), m)
	if err != nil {
		t.Fatal(err)
	}
	<-done
	other, _ := w.Runtime.Platform("elsewhere")
	if got := other.(*bottest.Platform).Texts(); !slices.Equal(got, []string{"help()"}) {
		t.Errorf("the same id on another platform is another message: %q", got)
	}
}

func TestBotsAreIgnored(t *testing.T) {
	w := bottest.NewWorld(t, bottest.Options{Register: registerEcho})
	robot := bottest.Who("robot")
	robot.Bot = true
	if got := w.Message(bot.Message{Place: bottest.DirectPlace("robot"), From: robot, Text: "aide", Addressed: true}); len(got) != 0 {
		t.Errorf("a program is answered %q", texts(got))
	}
	reacted := false
	w.Routes.Reaction(func(context.Context, bot.Reaction, bool) (bot.Response, error) {
		reacted = true
		return bot.Response{}, nil
	})
	if err := w.Runtime.React(context.Background(), bot.Reaction{Emoji: "x", Person: robot}); err != nil {
		t.Fatal(err)
	}
	w.Runtime.Close()
	if reacted {
		t.Error("a program's reaction counts")
	}
}

// Nobody asked: what is too long there is not worth an interruption, and commands are words like any others.
func TestUnaddressed(t *testing.T) {
	w := bottest.NewWorld(t, bottest.Options{Register: registerEcho})
	for text, want := range map[string]string{
		"aide":                    "text(aide)",
		"jury liste":              "text(jury liste)",
		"jury lsite":              "text(jury lsite)",
		strings.Repeat("x", 4001): "",
	} {
		got := texts(w.Message(bot.Message{
			Place: bottest.PublicPlace("recrutement"), From: bottest.Who("rita"), Text: text, Campaign: true,
		}))
		if got != want {
			t.Errorf("%.20q: %q, want %q", text, got, want)
		}
		w.Clock.Advance(time.Minute) // it speaks once a minute to somebody who asked nothing
	}
}

func TestPause(t *testing.T) {
	w := bottest.NewWorld(t, bottest.Options{Register: registerEcho})
	pause(t, w, w.Clock.Now().Add(30*time.Minute))
	channel := bot.Message{Place: bottest.PublicPlace("recrutement"), From: bottest.Who("carl"), Text: "combien ?", Campaign: true}
	check := func(when, direct, unasked string) {
		t.Helper()
		if got := texts(w.Direct("carl", "combien ?")); got != direct {
			t.Errorf("%s, a direct message is answered %q, want %q", when, got, direct)
		}
		if got := texts(w.Message(channel)); got != unasked {
			t.Errorf("%s, people in a channel are answered %q, want %q", when, got, unasked)
		}
		if got := texts(w.Direct("rita", "jury liste")); got != "list()" {
			t.Errorf("%s, commands work: %q", when, got)
		}
	}
	check("paused", "[paused]", "")
	w.Restart()
	check("paused, after a restart", "[paused]", "")
	w.Clock.Advance(30 * time.Minute)
	check("once it is over", "text(combien ?)", "text(combien ?)")
}

func TestFailures(t *testing.T) {
	w := bottest.NewWorld(t, bottest.Options{Patience: time.Millisecond, Register: func(w *bottest.World) {
		w.Routes.Text(func(_ context.Context, r bot.Request) (bot.Response, error) {
			switch r.Text {
			case "panic":
				panic("someone's words")
			case "fail":
				return bot.Response{}, errors.New("broken")
			}
			return bot.Say("fine"), nil
		})
	}})
	if got := w.Direct("carl", "panic"); len(got) != 0 {
		t.Errorf("after a panic: %q", texts(got))
	}
	for _, who := range []bot.UserID{"carl", "dina"} {
		if got := texts(w.Direct(who, "hello")); got != "fine" {
			t.Errorf("after a panic, %s is answered %q", who, got)
		}
	}
	if got := w.Direct("carl", "fail"); texts(got) != "[sorry]" {
		t.Errorf("a failure addressed to the bot is answered %q", texts(got))
	}
	quiet := bot.Message{Place: bottest.PublicPlace("recrutement"), From: bottest.Who("carl"), Text: "fail", Campaign: true}
	if got := w.Message(quiet); len(got) != 0 {
		t.Errorf("a failure that nobody asked for is said: %q", texts(got))
	}
	w.Platform.Fail(failing(bottest.OpPost))
	if got := w.Direct("carl", "hello"); len(got) != 0 {
		t.Errorf("posted all the same: %q", texts(got))
	}
	w.Platform.Fail(nil)
	if got := texts(w.Direct("carl", "hello")); got != "fine" {
		t.Errorf("once the server answers again: %q", got)
	}
}

func pause(t *testing.T, w *bottest.World, until time.Time) {
	t.Helper()
	if err := w.Store.SetPause(context.Background(), storage.Pause{Since: w.Clock.Now(), Until: until}); err != nil {
		t.Fatal(err)
	}
}

var errServer = errors.New("the chat server does not answer")

// failing makes one kind of operation fail.
func failing(op bottest.Op) func(bottest.Op) error {
	return func(o bottest.Op) error {
		if o == op {
			return errServer
		}
		return nil
	}
}

// A message that finds no room is not noted as seen: sent again later, it is answered.
func TestBusyThenAnswered(t *testing.T) {
	hold := make(chan struct{})
	w := bottest.NewWorld(t, bottest.Options{Waiting: 1, Register: func(w *bottest.World) {
		w.Routes.Text(func(_ context.Context, r bot.Request) (bot.Response, error) {
			if r.Text == "slow" {
				<-hold
			}
			return bot.Say("answered " + r.Text), nil
		})
	}})
	message := func(id bot.PostID, who bot.UserID, text string) bot.Message {
		return bot.Message{ID: id, Place: bottest.DirectPlace(who), From: bottest.Who(who), Text: text, Addressed: true, At: w.Clock.Now()}
	}
	slow, err := w.Runtime.Message(context.Background(), message("m1", "carl", "slow"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Runtime.Message(context.Background(), message("m2", "dina", "hello")); !errors.Is(err, bot.ErrBusy) {
		t.Fatalf("with no room: %v, want ErrBusy", err)
	}
	close(hold)
	<-slow
	for { // the place is given back just after the work is done
		done, err := w.Runtime.Message(context.Background(), message("m2", "dina", "hello"))
		if err == nil {
			<-done
			break
		}
		if !errors.Is(err, bot.ErrBusy) {
			t.Fatal(err)
		}
		runtime.Gosched()
	}
	if got := w.Platform.Last().Post.Text; got != "answered hello" {
		t.Errorf("sent again, it is answered %q", got)
	}
}
