// Package ask answers questions: from the FAQ's approved words, or with an honest "I don't know".
//
// It decides what to say of a decision that faq took; how a question is understood lives in faq.
package ask

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"time"

	"candide/bot"
	"candide/faq"
	"candide/faq/topics"
	"candide/handlers/campaigns"
	"candide/handlers/words"
	"candide/internal/fold"
	"candide/storage"
)

// Inbox takes the questions that could not be answered to the recruiters. File reports whether it took one: what is
// private, refused or no question about the recruitment it does not.
type Inbox interface {
	File(ctx context.Context, r bot.Request, text string, d faq.Decision) (bool, error)
}

// Tallies counts what became of questions.
type Tallies interface {
	Count(ctx context.Context, tallies []storage.Tally) error
}

// Options are what a handler is made of. Inbox, Tallies and Log may be left out.
type Options struct {
	Words     *words.Words
	Campaigns *campaigns.Set
	Now       func() time.Time
	// Collects reports whether expressions of interest can be taken.
	Collects bool
	Inbox    Inbox
	Tallies  Tallies
	Log      *slog.Logger
}

// Handler answers questions.
type Handler struct {
	words     *words.Words
	campaigns *campaigns.Set
	now       func() time.Time
	subjects  *subjects
	doubts    *doubts
	collects  bool
	inbox     Inbox
	tallies   Tallies
	log       *slog.Logger
}

// New returns a handler.
func New(o Options) *Handler {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Handler{
		words: o.Words, campaigns: o.Campaigns, now: o.Now, subjects: newSubjects(), doubts: newDoubts(), collects: o.Collects,
		inbox: o.Inbox, tallies: o.Tallies, log: o.Log,
	}
}

// Register adds the conversations to routes.
func (h *Handler) Register(routes *bot.Routes) {
	routes.Text(h.Question)
	routes.Action("ask.entry", false, h.Chosen)
	routes.Action("ask.none", false, h.NoneOfThese)
}

// Forget lets go of what the conversation of r was about, and of what its author asked anywhere.
func (h *Handler) Forget(r bot.Request) {
	h.subjects.drop(r)
	h.doubts.forget(r.From)
}

// Question answers what somebody wrote.
func (h *Handler) Question(ctx context.Context, r bot.Request) (bot.Response, error) {
	if !r.Addressed && !r.Campaign {
		return bot.Response{}, nil // not a channel where the bot speaks unasked
	}
	c := h.campaigns.In(r.Place)
	index := c.Index()
	f := index.FAQ()
	if r.Addressed && h.collects && expressesInterest(r.Text) {
		lang := firstOf(faq.Language(r.Text), r.Lang, f.Language)
		return said(bot.OutcomeAnswer, bot.Say(h.words.Say(lang, "interested"), h.interestButton(lang))), nil
	}
	d := index.Decide(faq.Question{Text: r.Text, Channel: !r.Addressed, Lang: r.Lang, Now: h.now(),
		Subject: h.subjects.get(r, h.now())})
	switch d.Outcome {
	case faq.Answered:
		h.subjects.set(r, d.Entry, h.now())
		h.count(ctx, c, d)
		return said(bot.OutcomeAnswer, h.answer(f, d)), nil
	case faq.Suggested:
		h.doubts.set(r, doubt{text: r.Text, from: r.From, command: r.Command, decision: d}, h.now())
		h.count(ctx, c, d)
		return said(bot.OutcomeSuggest, h.suggest(f, d)), nil
	case faq.Silent:
		if leftAlone(r, d) && h.file(ctx, r, r.Text, d) {
			h.count(ctx, c, d)
		}
		return bot.Response{}, nil
	default:
		h.count(ctx, c, d)
		return said(bot.OutcomeUnknown, bot.Say(h.unknown(f, d, h.file(ctx, r, r.Text, d)))), nil
	}
}

func said(o bot.Outcome, r bot.Response) bot.Response {
	r.Outcome = o
	return r
}

// uncoveredFrom is how sure it must be that something said to nobody in particular is a question about the recruitment
// that no entry answers, for the recruiters to hear of it.
const uncoveredFrom = 0.6

// leftAlone reports whether something said to nobody in particular, to which the bot keeps silent, is a question that
// recruiters should see: one that begins a conversation, rather than people's own talk.
func leftAlone(r bot.Request, d faq.Decision) bool {
	begins := r.Place.Thread == "" || r.Place.Thread == r.ID
	return begins && d.Asks && d.Uncovered >= uncoveredFrom
}

// file hands a question to the recruiters, and reports whether they will see it. Where that fails, the question is
// answered as if there were no inbox.
func (h *Handler) file(ctx context.Context, r bot.Request, text string, d faq.Decision) bool {
	if h.inbox == nil {
		return false
	}
	filed, err := h.inbox.File(ctx, r, text, d)
	if err != nil {
		h.log.Error("filing a question failed", "error", err)
	}
	return filed
}

func firstOf(choices ...string) string {
	for _, c := range choices {
		if c != "" {
			return c
		}
	}
	return ""
}

// answer is one reply, with every entry asked for.
func (h *Handler) answer(f *faq.FAQ, d faq.Decision) bot.Response {
	var parts []string
	closedApplying, applying := false, false
	for _, a := range d.Answers {
		e, ok := f.Entry(a.Entry)
		if !ok {
			continue
		}
		parts = append(parts, a.Text+"\n\n"+h.source(f, e, d.Lang))
		if e.Applying {
			applying = true
			closedApplying = f.Phase(h.now()) == faq.Closed
		}
	}
	reply := bot.Reply{Text: strings.Join(parts, "\n\n---\n\n"), Entry: d.Entry}
	if h.collects && closedApplying {
		reply.Text += "\n\n" + h.words.Say(d.Lang, "answer-closed-interest")
	}
	if h.collects && applying {
		reply.Buttons = append(reply.Buttons, h.interestButton(d.Lang))
	}
	return bot.Response{Replies: []bot.Reply{reply}}
}

// source says which entry the answer is and where it comes from.
func (h *Handler) source(f *faq.FAQ, e *faq.Entry, lang string) string {
	source := e.Source
	if source == "" {
		source = f.Source
	}
	if source == "" {
		return h.words.Say(lang, "answer-title", "title", e.Title.In(lang, f.Language))
	}
	return h.words.Say(lang, "answer-source", "title", e.Title.In(lang, f.Language), "source", source)
}

func (h *Handler) interestButton(lang string) bot.Button {
	return bot.Button{
		Label: h.words.Say(lang, "button-interest"), Do: "interest.open", Data: map[string]string{"lang": lang},
		Anyone: true, TTL: 30 * 24 * time.Hour,
	}
}

func (h *Handler) suggest(f *faq.FAQ, d faq.Decision) bot.Response {
	reply := bot.Reply{Text: h.words.Say(d.Lang, "suggest")}
	for _, id := range d.Suggestions {
		if e, ok := f.Entry(id); ok {
			reply.Buttons = append(reply.Buttons, bot.Button{
				Label: e.Title.In(d.Lang, f.Language), Do: "ask.entry", Anyone: true, Once: true,
				Data: map[string]string{"entry": id, "lang": d.Lang},
			})
		}
	}
	reply.Buttons = append(reply.Buttons, bot.Button{
		Label: h.words.Say(d.Lang, "suggest-none"), Do: "ask.none", Anyone: true, Once: true,
		Data: map[string]string{"lang": d.Lang},
	})
	return bot.Response{Replies: []bot.Reply{reply}}
}

// Chosen puts the entry of the pressed button in the place of the suggestions.
func (h *Handler) Chosen(ctx context.Context, r bot.Request) (bot.Response, error) {
	c := h.campaigns.In(r.Place)
	f := c.FAQ()
	e, ok := f.Entry(r.Data["entry"])
	if !ok {
		return bot.Response{}, fmt.Errorf("a button names the entry %q, which is gone", r.Data["entry"])
	}
	lang := firstOf(r.Data["lang"], r.Lang, f.Language)
	text := f.Render(e, lang, h.now())
	res := h.answer(f, faq.Decision{Entry: e.ID, Lang: lang, Answers: []faq.Answer{{Entry: e.ID, Text: text}}})
	res.Replies[0].Replace = true
	h.tally(ctx, c, storage.TallyEntry, e.ID)
	return res, nil
}

// NoneOfThese puts the hand-over to a human in the place of the suggestions.
func (h *Handler) NoneOfThese(ctx context.Context, r bot.Request) (bot.Response, error) {
	c := h.campaigns.In(r.Place)
	d := faq.Decision{Lang: firstOf(r.Data["lang"], r.Lang, c.FAQ().Language), Kind: string(topics.Recruitment)}
	filed := false
	if known, ok := h.doubts.take(r, h.now()); ok {
		asker := r
		asker.From, asker.Command = known.from, known.command
		d.Private = known.decision.Private
		if filed = h.file(ctx, asker, known.text, known.decision); filed {
			h.tally(ctx, c, storage.TallyUncovered, known.decision.Asked)
		}
	}
	return bot.Response{Replies: []bot.Reply{{Text: h.unknown(c.FAQ(), d, filed), Replace: true}}}, nil
}

// unknown is the fixed sentence that fits what the question seems to be about.
func (h *Handler) unknown(f *faq.FAQ, d faq.Decision, filed bool) string {
	key := "unknown"
	switch {
	case d.Private:
		key = "unknown-private"
	case d.Kind == string(topics.Refused):
		key = "refused"
	case d.Asked == "politesse":
		key = "hello"
	case d.Asked == "bot":
		key = "about-bot"
	case d.Kind == "":
		key = "not-understood"
	}
	if filed && key == "unknown" {
		key = "unknown-filed"
	}
	if f.Contact == "" && key == "unknown-filed" {
		key = "unknown-filed-no-contact"
	}
	if f.Contact == "" && (key == "unknown" || key == "unknown-private" || key == "about-bot") {
		key = "unknown-no-contact"
	}
	return h.words.Say(d.Lang, key, "contact", f.Contact)
}

// interest is how people say that they are interested, in so many words. The folded text is matched whole: a
// question that merely holds such words is a question.
var interest = regexp.MustCompile(`^(bonjour|salut|hello|hi|coucou|bonsoir)?[ ,!.]*` +
	`(je (suis|serais) |j'suis |jsuis |chuis )?(tres |vraiment |super )?(` +
	`interesse(e|·e|\.e|\(e\)|\.e\.)?( par (le|ce|votre|cette) (poste|offre|annonce|mission))?` +
	`|(ca|le poste|ce poste|votre poste|cette offre|votre offre|votre annonce) m'interesse(rait)?( beaucoup| vraiment)?` +
	`|i('m| am) (very |really )?interested( in (the|this|your) (job|position|role|offer))?` +
	`|(je veux |je voudrais |j'aimerais )?(laisser|donner) mes coordonnees)[ !.…]*$`)

func expressesInterest(text string) bool {
	return len(text) < 120 && interest.MatchString(strings.TrimSpace(fold.String(text)))
}
