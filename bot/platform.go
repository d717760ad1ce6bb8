package bot

import (
	"context"
	"errors"
	"time"
)

// Platform is one chat system. Implementations are safe for concurrent use.
type Platform interface {
	// ID names the platform; it does not change.
	ID() PlatformID
	// Run connects, hands what happens to inbox and returns when ctx is done (nil) or when the platform can
	// no longer be used (a refused token, say). It reconnects by itself after a passing failure.
	Run(ctx context.Context, inbox Inbox) error
	// Post publishes p and returns the post's id once the platform has accepted it. The id may be empty for
	// a post that cannot be changed later (an ephemeral one). It is ErrGone when the answer's thread was removed.
	Post(ctx context.Context, to Target, p Post) (PostID, error)
	// Update replaces a post of the bot, or removes it when p is nil. Replacing what is gone is ErrGone; removing it is
	// no error.
	Update(ctx context.Context, in Place, id PostID, p *Post) error
}

// Target is where a post goes.
type Target struct {
	Place Place
	// To is who it is meant for. With Direct, the post goes to the direct conversation with that person, and
	// Place may be empty. With Private, only that person may see it.
	To              Person
	Private, Direct bool
	// Ticket answers an interaction; empty for a post of the bot's own accord.
	Ticket Ticket
}

// Post is a reply as a platform publishes it: the buttons have become actions.
type Post struct {
	Text    string
	Actions []Action
	Files   []File
	Key     string // kept with the post where the platform can
	Entry   string
	// Mentions are the people whom the text may notify: a platform makes every other mention harmless.
	Mentions []Person
	Lang     string // of whom it answers, where that is known
}

// Action is a button as a platform shows it. Key is opaque, at most 64 bytes.
type Action struct {
	Key   string
	Label string
	URL   string // a link instead of a key
	Style Style
}

// FormView is a form's step as a platform shows it. Key is opaque, at most 64 bytes.
type FormView struct {
	Key    string
	Step   Step
	Lang   string
	Errors map[string]string // field name → what is wrong, when a step is shown again
	Values map[string]string // what was typed, when a step is shown again
}

// Optional capabilities of a Platform.
type (
	// Finder looks for a post of the bot by its key, where Post would have put it, among those made since a time: what
	// tells, after a crash, whether something was already posted.
	Finder interface {
		FindPost(ctx context.Context, to Target, key string, since time.Time) (PostID, bool, error)
	}
	// Threads tells whether people other than one, the bot left aside, have written in a thread.
	Threads interface {
		OthersIn(ctx context.Context, in Place, than Person) (bool, error)
	}
	// FormOpener shows a form's step as a dialog. It returns ErrNoDialog when the ticket cannot open one, or not
	// any more, or not for such a step: the runtime then offers buttons instead (the choices; for fields, one that
	// gives another ticket) and, where even that opens none, asks by ordinary messages.
	FormOpener interface {
		OpenForm(ctx context.Context, ticket Ticket, v FormView) error
	}
	// Recruiters tells who has a recruiter's rights. It is asked at each action; an error is not a no.
	// A platform without it has no recruiters.
	Recruiters interface {
		IsRecruiter(ctx context.Context, p Person) (bool, error)
	}
	// RecruitersChannel is where recruiters are told things.
	RecruitersChannel interface {
		RecruitersPlace(ctx context.Context) (Place, error)
	}
	// Channels finds a channel by the name that people write ("equipe", "~equipe", "#equipe").
	// It returns ErrNoChannel when there is none that the bot can post to.
	Channels interface {
		FindChannel(ctx context.Context, name string) (Place, error)
	}
	// People finds a person by the name that people write after an @. It returns ErrNoPerson when there is nobody of
	// that name who could be written to; a program is nobody.
	People interface {
		FindPerson(ctx context.Context, name string) (Person, error)
	}
	// Namer says how a person is called, for other people's eyes; "" for nobody it knows.
	Namer interface {
		NameOf(ctx context.Context, p Person) string
	}
	// Recaller says what a post of the bot answered: its key and entry are kept with it. It returns ErrForgotten when
	// the post is no answer, or the message is gone.
	Recaller interface {
		Recall(ctx context.Context, in Place, id PostID) (Recalled, error)
	}
	// Solo is a platform on which one person alone reads and answers everything, what is said in channels included.
	Solo interface {
		Only() Person
	}
	// Readier says what keeps the platform from working, for /readyz; nil when it works.
	Readier interface {
		Ready() error
	}
)

// Recalled is what a post of the bot answered.
type Recalled struct {
	Entry    string // as the Post had it
	Question Message
}

// Errors that platforms return to the runtime.
var (
	// ErrNoDialog: this ticket cannot open a dialog.
	ErrNoDialog = errors.New("no dialog can be opened here")
	// ErrNoChannel: no such channel, or the bot is not in it.
	ErrNoChannel = errors.New("no such channel, or the bot is not a member of it")
	// ErrGone: the post, or the thread it belongs to, was removed.
	ErrGone = errors.New("removed meanwhile")
	// ErrNoPerson: nobody is called that.
	ErrNoPerson = errors.New("nobody is called that")
	// ErrForgotten: nobody knows what this post answered.
	ErrForgotten = errors.New("what the post answered is not known")
	// ErrRefused: a press or submission that was not offered to this person in this place, or no longer is.
	ErrRefused = errors.New("not offered, or no longer")
)

// Inbox takes what happens on a platform. *Runtime is the only implementation outside tests.
//
// Every method checks and records before it returns, then works behind: it returns soon enough for the platform to
// acknowledge within a second. The channel returned is closed when the work is done, for platforms that answer in
// the same breath (a web page without scripts); the others may ignore it.
type Inbox interface {
	// Message takes a new message, or an edited one (Edited is set), any number of times: one with an id is handled
	// once. Once it has returned without error the message will be handled, even if the process dies; but on ErrBusy
	// it is not taken.
	Message(ctx context.Context, m Message) (done <-chan struct{}, err error)
	// Removed takes a message that its author or somebody else removed: what answered it is removed as well.
	Removed(ctx context.Context, d Removal) error
	// Press returns ErrRefused, wrapped, when the key is forged, expired, spent or someone else's.
	Press(ctx context.Context, p Press) (done <-chan struct{}, err error)
	// Submit returns what is wrong field by field; then nothing was taken, and the form is still open.
	Submit(ctx context.Context, s Submission) (invalid map[string]string, err error)
	React(ctx context.Context, r Reaction) error
}
