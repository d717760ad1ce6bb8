// Package interest takes expressions of interest: the notice first, then the consent, then the questions, and a
// second, separate consent to hear of other campaigns. Nothing is taken without a configured controller, but for the
// demonstration, which forgets after a day.
package interest

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"strconv"
	"strings"
	"time"
	"unicode"

	"candide/bot"
	"candide/faq"
	"candide/handlers/campaigns"
	"candide/handlers/words"
	"candide/internal/dates"
	"candide/internal/fold"
	"candide/storage"
)

// demoKeep is how long the demonstration keeps what people type.
const demoKeep = 24 * time.Hour

// Store is what this conversation keeps.
type Store interface {
	SaveInterest(ctx context.Context, i storage.Interest) (saved storage.Interest, created bool, err error)
	InterestOf(ctx context.Context, campaign string, p storage.PersonRef) (storage.Interest, error)
	SetStage(ctx context.Context, number int, stage storage.Stage, by storage.PersonRef, at time.Time) (storage.Interest, error)
}

// Privacy is what the notice says.
type Privacy struct {
	Controller, Contact, LegalBasis string
	// AfterCampaign and WithConsent are how many months an interest is kept: after the campaign's decisions, and
	// with the consent to hear of other campaigns.
	AfterCampaign, WithConsent int
	// Demonstration takes interests without a controller, for a day.
	Demonstration bool
}

// Collects reports whether anything may be collected at all.
func (p Privacy) Collects() bool { return p.Controller != "" || p.Demonstration }

// Handler takes expressions of interest in one campaign.
type Handler struct {
	store     Store
	words     *words.Words
	campaigns *campaigns.Set
	now       func() time.Time
	privacy   Privacy
}

// New returns a handler.
func New(store Store, w *words.Words, set *campaigns.Set, now func() time.Time, p Privacy) *Handler {
	return &Handler{store: store, words: w, campaigns: set, now: now, privacy: p}
}

// Register adds the conversations to routes.
func (h *Handler) Register(routes *bot.Routes) error {
	routes.Action("interest.open", false, h.open)
	routes.Action("interest.withdraw", false, h.withdraw)
	routes.Form("interest", h.step)
	return errors.Join(
		routes.Command(bot.Command{Names: []string{"interet", "interest"}, Run: h.open}),
		routes.Command(bot.Command{
			Names: []string{"interet retirer", "interest withdraw", "retirer mon interet"}, Run: h.withdraw,
		}),
	)
}

// open starts the form: with the notice and the consent, or at the questions when consent was given before.
func (h *Handler) open(ctx context.Context, r bot.Request) (bot.Response, error) {
	f := h.campaigns.In(r.Place).FAQ()
	lang := h.campaigns.Lang(r)
	if !h.privacy.Collects() {
		return bot.Whisper(h.sayContact(lang, "interest-none", f)), nil
	}
	known, err := h.store.InterestOf(ctx, f.ID, r.From.Ref())
	switch {
	case err == nil:
		form := bot.Form{Name: "interest", Data: map[string]string{"lang": lang}, Step: h.who(lang, known)}
		return bot.Response{Form: &form}, nil
	case !errors.Is(err, storage.ErrNotFound):
		return bot.Response{}, fmt.Errorf("looking for an interest: %w", err)
	}
	return bot.Response{Form: &bot.Form{Name: "interest", Data: map[string]string{"lang": lang}, Step: bot.Step{
		Name: "consent",
		At:   1, Of: steps,
		Title: h.words.Say(lang, "interest-title"),
		Intro: h.Notice(f, lang),
		Choices: []bot.Choice{
			{Value: "yes", Label: h.words.Say(lang, "interest-yes"), Style: bot.Primary},
			{Value: "no", Label: h.words.Say(lang, "interest-no")},
			{Value: "young", Label: h.words.Say(lang, "interest-young")},
		},
	}}}, nil
}

// withdraw takes an interest back. The record stays, so that recruiters know whom not to call, until it expires or the
// person erases it; the form brings them back.
func (h *Handler) withdraw(ctx context.Context, r bot.Request) (bot.Response, error) {
	f, lang := h.campaigns.In(r.Place).FAQ(), h.campaigns.Lang(r)
	if id := r.Data["campaign"]; id != "" { // a button, which may be pressed elsewhere than where it was made
		f = h.campaigns.ByID(id).FAQ()
	}
	known, err := h.store.InterestOf(ctx, f.ID, r.From.Ref())
	if err == nil {
		_, err = h.store.SetStage(ctx, known.Number, storage.StageWithdrawn, "", h.now())
	}
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return bot.Whisper(h.words.Say(lang, "interest-not-there")), nil
	case err != nil:
		return bot.Response{}, fmt.Errorf("withdrawing an interest: %w", err)
	}
	return bot.Whisper(h.words.Say(lang, "interest-withdrawn", "n", strconv.Itoa(known.Number))), nil
}

// readable reports whether a name has a letter, and is not the word that skips or keeps a field.
func readable(name string) bool {
	switch fold.String(name) {
	case "passer", "skip", "garder", "keep":
		return false
	}
	return strings.ContainsFunc(name, unicode.IsLetter)
}

// sayContact says a sentence that ends with whom to write to, or its other form where the campaign names nobody.
func (h *Handler) sayContact(lang, key string, f *faq.FAQ) string {
	if f.Contact == "" {
		return h.words.Say(lang, key+"-no-contact")
	}
	return h.words.Say(lang, key, "contact", f.Contact)
}

// Notice is what people read before anything is collected (GDPR art. 13).
func (h *Handler) Notice(f *faq.FAQ, lang string) string {
	p := h.privacy
	who := h.words.Say(lang, "interest-who", "controller", p.Controller)
	keep := h.words.Say(lang, "interest-keep", "date", dates.Day(h.expires(f, false).In(f.Zone), lang))
	if p.Demonstration {
		who, keep = h.words.Say(lang, "interest-who-demo"), ""
	}
	basis := p.LegalBasis
	if basis == "" {
		basis = h.words.Say(lang, "interest-legal-consent")
	}
	legal := h.words.Say(lang, "interest-legal", "basis", basis)
	dpo := h.words.Say(lang, "interest-dpo-none")
	if p.Contact != "" {
		dpo = h.words.Say(lang, "interest-dpo", "contact", p.Contact)
	} else if f.Contact != "" {
		dpo = h.words.Say(lang, "interest-dpo", "contact", f.Contact)
	}
	notice := h.words.Say(lang, "interest-notice", "who", who, "legal", legal, "keep", keep, "dpo", dpo,
		"purpose", h.words.Say(lang, "interest-purpose", "title", f.Title.In(lang, f.Language)))
	return strings.ReplaceAll(notice, "  ", " ")
}

// expires is when an interest taken now is forgotten.
func (h *Handler) expires(f *faq.FAQ, recontact bool) time.Time {
	now := h.now()
	if h.privacy.Demonstration {
		return now.Add(demoKeep)
	}
	end := now
	if decided := f.Closes.AddDate(0, 0, f.DecisionDays); !f.Closes.IsZero() && decided.After(now) {
		end = decided
	}
	kept := end.AddDate(0, h.privacy.AfterCampaign, 0)
	if consented := now.AddDate(0, h.privacy.WithConsent, 0); recontact && consented.After(kept) {
		return consented
	}
	return kept
}

// steps is how many the form has.
const steps = 4

func (h *Handler) who(lang string, known storage.Interest) bot.Step {
	say := func(key string) string { return h.words.Say(lang, key) }
	return bot.Step{
		Name: "who", At: 2, Of: steps, Title: say("interest-title"), Submit: say("interest-continue"),
		Fields: []bot.Field{
			{Name: "name", Purpose: "name", Label: say("interest-name"), Help: say("interest-name-help"), Default: known.Name, Max: 100},
			{Name: "reach", Label: say("interest-reach"), Help: say("interest-reach-help"), Default: known.Reach, Max: 150},
			{Name: "level", Label: say("interest-level"), Kind: bot.Select, Default: known.Level, Options: []bot.Choice{
				{Value: "junior", Label: say("interest-level-junior")},
				{Value: "experienced", Label: say("interest-level-experienced")},
				{Value: "unsaid", Label: say("interest-level-unsaid")},
			}},
		},
	}
}

func (h *Handler) what(lang string, known storage.Interest) bot.Step {
	say := func(key string) string { return h.words.Say(lang, key) }
	return bot.Step{
		Name: "what", At: 3, Of: steps, Title: say("interest-title"), Submit: say("interest-continue"),
		Fields: []bot.Field{
			{Name: "subjects", Label: say("interest-subjects"), Help: say("interest-subjects-help"), Default: known.Subjects, Optional: true, Max: 200},
			{Name: "message", Label: say("interest-message"), Help: say("interest-message-help"), Default: known.Message, Optional: true, Kind: bot.Area, Max: 1000},
		},
	}
}

func (h *Handler) recontactIntro(lang string) string {
	if h.privacy.Demonstration {
		return h.words.Say(lang, "interest-recontact-demo")
	}
	return h.words.Say(lang, "interest-recontact", "months", strconv.Itoa(h.privacy.WithConsent))
}

func (h *Handler) recontact(lang string) bot.Step {
	return bot.Step{
		Name: "recontact", At: 4, Of: steps, Title: h.words.Say(lang, "interest-title"), Intro: h.recontactIntro(lang),
		Choices: []bot.Choice{
			{Value: "no", Label: h.words.Say(lang, "interest-recontact-no")},
			{Value: "yes", Label: h.words.Say(lang, "interest-recontact-yes")},
		},
	}
}

// step takes one step's answers.
func (h *Handler) step(ctx context.Context, r bot.Request, step string, answers map[string]string) (bot.Turn, error) {
	f, lang := h.campaigns.In(r.Place).FAQ(), h.campaigns.Lang(r)
	known, err := h.store.InterestOf(ctx, f.ID, r.From.Ref())
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return bot.Turn{}, fmt.Errorf("looking for an interest: %w", err)
	}
	var next bot.Step
	switch step {
	case "consent":
		if answers["consent"] == "young" {
			return bot.Turn{Response: bot.Whisper(h.sayContact(lang, "interest-too-young", f))}, nil
		}
		if answers["consent"] != "yes" {
			return bot.Turn{Response: bot.Whisper(h.sayContact(lang, "interest-refused", f))}, nil
		}
		next = h.who(lang, known)
	case "who":
		invalid := map[string]string{}
		if !readable(answers["name"]) {
			invalid["name"] = h.words.Say(lang, "interest-name-bad")
		}
		if !reachable(answers["reach"]) {
			invalid["reach"] = h.words.Say(lang, "interest-reach-bad")
		}
		if len(invalid) > 0 {
			return bot.Turn{Invalid: invalid}, nil
		}
		next = h.what(lang, known)
	case "what":
		next = h.recontact(lang)
	case "recontact":
		return h.save(ctx, r, known, answers)
	default:
		return bot.Turn{}, fmt.Errorf("the interest form has no step %q", step)
	}
	return bot.Turn{Next: &next}, nil
}

func (h *Handler) save(ctx context.Context, r bot.Request, known storage.Interest, answers map[string]string) (bot.Turn, error) {
	f, lang, now := h.campaigns.In(r.Place).FAQ(), h.campaigns.Lang(r), h.now()
	if known.ConsentAt.IsZero() && answers["consent"] != "yes" {
		// Possible only when the record was erased between two steps: ask again rather than assume.
		return bot.Turn{Response: bot.Whisper(h.words.Say(lang, "form-cancelled"))}, nil
	}
	interest := known
	interest.Campaign, interest.Person = f.ID, r.From.Ref()
	interest.Name, interest.Reach = answers["name"], answers["reach"]
	interest.Level = answers["level"]
	interest.Subjects, interest.Message = answers["subjects"], answers["message"]
	interest.UpdatedAt = now
	if interest.CreatedAt.IsZero() {
		interest.CreatedAt = now
	}
	if interest.ConsentAt.IsZero() {
		interest.ConsentAt = now
	}
	if answers["recontact"] != "yes" {
		interest.RecontactAt = time.Time{}
	} else if interest.RecontactAt.IsZero() {
		interest.RecontactAt = now
	}
	interest.RenewalAt = time.Time{}
	interest.ExpiresAt = h.expires(f, !interest.RecontactAt.IsZero())
	saved, created, err := h.store.SaveInterest(ctx, interest)
	if err != nil {
		return bot.Turn{}, fmt.Errorf("keeping an interest: %w", err)
	}
	leave := bot.Button{
		Label: h.words.Say(lang, "interest-withdraw"), Do: "interest.withdraw",
		Data: map[string]string{"lang": lang, "campaign": f.ID},
	}
	if !created {
		return bot.Turn{Response: bot.Whisper(h.words.Say(lang, "interest-updated", "n", strconv.Itoa(saved.Number)), leave)}, nil
	}
	text := h.words.Say(lang, "interest-saved", "n", strconv.Itoa(saved.Number))
	if f.Apply != "" && f.Phase(now) != faq.Closed {
		text += "\n" + h.words.Say(lang, "interest-saved-apply", "apply", f.Apply)
	}
	return bot.Turn{Response: bot.Whisper(text, leave)}, nil
}

// reachable reports whether s holds an e-mail address or a telephone number: a typing error there would lose the
// person for good.
func reachable(s string) bool {
	if digits := strings.Count(strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return '#'
		}
		return r
	}, s), "#"); digits >= 8 {
		return true
	}
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ';' }) {
		if a, err := mail.ParseAddress(strings.Trim(word, "<>().")); err == nil {
			_, domain, _ := strings.Cut(a.Address, "@")
			if strings.Contains(domain, ".") {
				return true
			}
		}
	}
	return false
}
