package editor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"candide/bot"
	"candide/faq"
	"candide/faq/topics"
)

// explainer says why an index decides as it does. *faq.Index is one.
type explainer interface {
	Explain(q faq.Question) faq.Explanation
}

// try shows what the bot would say to a question, said to it and said in a channel, and why.
func (h *Handler) try(_ context.Context, r bot.Request) (bot.Response, error) {
	lang := h.Campaigns.Lang(r)
	if r.Text == "" {
		return bot.Whisper(h.Words.Say(lang, "faq-try-usage")), nil
	}
	index := h.campaign(r).Index()
	f := index.FAQ()
	q := faq.Question{Text: r.Text, Now: h.Now()}
	d := index.Decide(q)
	say := func(key string, args ...string) string { return h.Words.Say(lang, key, args...) }
	var parts []string
	switch {
	case d.Outcome == faq.Answered:
		for _, a := range d.Answers {
			parts = append(parts, say("faq-try-answer", "id", a.Entry, "percent", percent(a.Confidence)), quote(a.Text))
		}
	case d.Outcome == faq.Suggested:
		parts = append(parts, say("faq-try-suggest", "list", "`"+strings.Join(d.Suggestions, "`, `")+"`"))
	case d.Private:
		parts = append(parts, say("faq-try-private"))
	case d.Kind == string(topics.Recruitment):
		parts = append(parts, say("faq-try-unknown"))
	default:
		parts = append(parts, say("faq-try-other"))
	}
	q.Channel = true
	if index.Decide(q).Outcome == faq.Answered {
		parts = append(parts, say("faq-try-channel-answer"))
	} else {
		parts = append(parts, say("faq-try-channel-silent"))
	}
	q.Channel = false
	if x, ok := index.(explainer); ok {
		parts = append(parts, h.why(lang, f, x.Explain(q)))
	}
	reply := bot.Reply{Text: strings.Join(parts, "\n\n"), Private: true}
	if d.Entry != "" && d.Confidence >= 0.1 {
		reply.Buttons = append(reply.Buttons, h.button(r, "faq-button-view", "faq.view", map[string]string{"entry": d.Entry}))
	}
	return bot.Response{Replies: []bot.Reply{reply}}, nil
}

func percent(p float64) string { return fmt.Sprintf("%.0f", 100*p) }

// why says an explanation in the recruiter's words.
func (h *Handler) why(lang string, f *faq.FAQ, e faq.Explanation) string {
	rows := []string{h.Words.Say(lang, "faq-why")}
	row := func(key string, items []string) {
		items = slices.DeleteFunc(items, func(s string) bool { return s == "" })
		if len(items) > 0 {
			rows = append(rows, "- "+h.Words.Say(lang, key, "list", strings.Join(items, ", ")))
		}
	}
	item := func(name string, p float64) string {
		if p < 0.005 {
			return ""
		}
		return h.Words.Say(lang, "faq-why-item", "name", name, "percent", percent(p))
	}
	var about, weighed, like, words []string
	for _, s := range e.Topics {
		name := s.Topic
		if t, ok := topics.ByID(s.Topic); ok {
			name = t.FR
			if lang == "en" {
				name = t.EN
			}
		}
		about = append(about, item(name, s.Probability))
	}
	for _, w := range e.Entries {
		name := "`" + w.ID + "`"
		if kind, none := strings.CutPrefix(w.ID, "?"); none {
			name = h.Words.Say(lang, "faq-why-none-"+kind)
		} else if entry, ok := f.Entry(w.ID); ok {
			name = entry.Title.In(lang, f.Language)
		}
		weighed = append(weighed, item(name, w.Probability))
	}
	for _, c := range e.Like {
		like = append(like, item("`"+c.ID+"`", c.Score))
	}
	for _, c := range e.Counted {
		words = append(words, h.Words.Say(lang, "faq-why-word", "word", c.Word))
	}
	row("faq-why-about", about)
	row("faq-why-like", like)
	row("faq-why-weighed", weighed)
	row("faq-why-words", words)
	rows = append(rows, "- "+h.Words.Say(lang, "faq-why-from", "percent", percent(e.From)))
	return strings.Join(rows, "\n")
}
