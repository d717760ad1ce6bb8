package bot

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"candide/storage"
)

// Point is a moment in the life of a message or a reminder. The process may die after any of them: what came before is
// on the disk, and the next process does the rest, once (docs/decisions/0008).
type Point string

// The points, in order.
const (
	PointSeen     Point = "seen"     // recorded: it will be handled, whatever happens
	PointIntended Point = "intended" // recorded: its answer may be out from now on
	PointPosted   Point = "posted"   // the answer is out, and nothing on this side has recorded it
	PointMarked   Point = "marked"   // recorded: nothing is left to do
)

// Outcome is what became of a message.
type Outcome string

// The outcomes. The first four are a conversation's to say.
const (
	OutcomeAnswer  Outcome = "answer"
	OutcomeSuggest Outcome = "suggest"
	OutcomeUnknown Outcome = "unknown"
	OutcomeSilent  Outcome = "silent"

	OutcomeReply   Outcome = "reply"   // something was said, and the conversation does not say what
	OutcomeCommand Outcome = "command" // of a command, a form or a number chosen
	OutcomeHeld    Outcome = "held"    // an answer kept back, so as not to disturb
	OutcomePaused  Outcome = "paused"
	OutcomeRefused Outcome = "refused" // too long to be read
	OutcomeRemoved Outcome = "removed" // taken back by its author before it was answered
	OutcomeFailed  Outcome = "failed"
)

// unsure reports whether the message is worth another look once its author has edited it.
func (o Outcome) unsure() bool {
	switch o {
	case OutcomeSuggest, OutcomeUnknown, OutcomeSilent, OutcomeHeld, OutcomeRefused, OutcomeFailed:
		return true
	}
	return false
}

// errTakenBack: the message was removed while it was being handled.
var errTakenBack = errors.New("the message was taken back")

// life is one attempt at handling a message with an id: what it may do, and what came of it. A nil life is that of
// what has no id, a slash command or a button: it is handled as it comes, since its platform does not repeat it.
type life struct {
	r       *Runtime
	f       *flight
	known   storage.Message // as the store has it
	edited  bool            // what was posted may have answered an earlier version
	again   bool            // an earlier attempt may have posted
	n       int             // posts so far
	posts   []string        // their ids, where they have one
	outcome Outcome
}

func newLife(r *Runtime, f *flight, m Message) *life {
	return &life{r: r, f: f, known: f.known, edited: !m.Edited.IsZero(), again: f.known.State == storage.MessageIntended}
}

// intend records that what follows cannot be undone; with once, nor may it be begun a second time.
func (l *life) intend(ctx context.Context, once bool) error {
	if l == nil || l.known.State == storage.MessageIntended && (l.known.Once || !once) {
		return nil
	}
	err := l.r.store.IntendMessage(ctx, l.known.Ref, once)
	if errors.Is(err, storage.ErrState) || errors.Is(err, storage.ErrNotFound) {
		return errTakenBack
	}
	if err != nil {
		return fmt.Errorf("noting what is intended: %w", err)
	}
	l.known.State, l.known.Once = storage.MessageIntended, l.known.Once || once
	l.r.passed(PointIntended)
	return nil
}

// interrupted reports that something was begun in an earlier attempt that must not be begun again.
func (l *life) interrupted() bool { return l != nil && l.again && l.known.Once }

// ends says what became of the message, unless that is said already.
func (l *life) ends(o Outcome) {
	if l != nil && l.outcome == "" {
		l.outcome = o
	}
}

// say is called before a response is delivered: should that fail, the next attempt delivers the same one.
func (l *life) say(ctx context.Context, req Request, to Target, res Response) error {
	if l == nil {
		return nil
	}
	o := res.Outcome
	if o == "" {
		o = OutcomeReply
	}
	if len(res.Replies) == 0 && res.Form == nil {
		l.ends(OutcomeSilent)
		return nil
	}
	l.ends(o)
	l.f.owed = &owed{req: req, to: to, res: res, outcome: l.outcome}
	return l.intend(ctx, false)
}

// nextKey is the key of the next post, and the post of an earlier version of the message whose place it takes.
func (l *life) nextKey() (key string, instead PostID) {
	if l.n < len(l.known.Posts) {
		instead = PostID(l.known.Posts[l.n])
	}
	key = answerKey(l.known.Ref, l.n)
	l.n++
	return key, instead
}

// answerKey is the key of the nth post that answers a message.
func answerKey(ref string, n int) string { return answerPrefix + ref + ":" + strconv.Itoa(n) }

const answerPrefix = "re:"

// posted is called for each post, found or made.
func (l *life) posted(id PostID) {
	l.posts = append(l.posts, string(id))
	l.r.passed(PointPosted)
}

// mark records that nothing is left to do.
func (l *life) mark(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), handleTimeout)
	defer cancel()
	l.ends(OutcomeSilent)
	err := l.r.store.MarkMessage(ctx, l.known.Ref, l.outcome.unsure(), l.posts)
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return fmt.Errorf("marking a message as done: %w", err)
	}
	l.r.passed(PointMarked)
	l.r.meter.Handled(string(l.f.platform), string(l.outcome), time.Since(l.f.begun))
	return nil
}
