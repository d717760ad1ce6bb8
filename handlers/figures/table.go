package figures

import (
	"fmt"
	"strconv"
	"strings"

	"candide/faq"
	"candide/internal/dates"
)

// rowsOfDays is how many days are listed one by one; more are listed by the week.
const rowsOfDays = 14

// table says in text everything that the picture shows, and more.
func (h *Handler) table(lang string, q *faq.FAQ, f figures) string {
	say := func(key string, args ...string) string { return h.words.Say(lang, key, args...) }
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", say("stats-title", "title", q.Title.In(lang, q.Language),
		"from", dates.Day(f.days[0].at, lang), "to", dates.Day(f.days[len(f.days)-1].at, lang)))

	rows(&b, say("stats-days"), say("stats-number"), h.dayRows(lang, f))
	rows(&b, say("stats-outcomes"), say("stats-number"), named(f.outcomes, func(name string) string { return say("stats-outcome-" + name) }))
	rows(&b, say("stats-entries"), say("stats-number"), named(f.entries, func(id string) string {
		if e, ok := q.Entry(id); ok {
			return e.Title.In(lang, q.Language)
		}
		return id
	}))
	rows(&b, say("stats-uncovered"), say("stats-number"), named(f.uncovered, func(id string) string { return topicName(lang, id) }))
	satisfaction := say("stats-satisfaction-none")
	if votes := f.up + f.down; votes > 0 {
		satisfaction = h.words.Count(lang, "stats-satisfaction", votes, "percent", strconv.Itoa((f.up*100+votes/2)/votes),
			"up", strconv.Itoa(f.up), "down", strconv.Itoa(f.down))
	}
	fmt.Fprintf(&b, "\n%s\n", satisfaction)

	rows(&b, say("stats-stages"), say("stats-number"), named(f.stages, func(s string) string { return say("stage-" + s) }))
	fmt.Fprintf(&b, "\n%s", h.decisions(lang, f))
	return b.String()
}

// dayRows are the days, or the weeks where there are many days.
func (h *Handler) dayRows(lang string, f figures) []row {
	var list []row
	if len(f.days) <= rowsOfDays {
		for _, d := range f.days {
			list = append(list, row{dates.Day(d.at, lang), d.n})
		}
	} else {
		for from := 0; from < len(f.days); from += 7 {
			week := f.days[from:min(from+7, len(f.days))]
			sum := 0
			for _, d := range week {
				sum += d.n
			}
			list = append(list, row{h.words.Say(lang, "stats-week", "from", dates.Day(week[0].at, lang)), sum})
		}
	}
	return append(list, row{h.words.Say(lang, "stats-total"), f.questions()})
}

// decisions says how long decisions took, against the time aimed at.
func (h *Handler) decisions(lang string, f figures) string {
	target := strconv.Itoa(f.target)
	text := h.words.Say(lang, "stats-decisions-none", "target", target)
	if len(f.decisions) > 0 {
		text = h.words.Count(lang, "stats-decisions", len(f.decisions), "median", strconv.Itoa(f.median()),
			"longest", strconv.Itoa(f.decisions[len(f.decisions)-1]), "target", target)
	}
	if f.waiting > 0 {
		text += " " + h.words.Count(lang, "stats-waiting", f.waiting, "target", target)
	}
	return text
}

type row struct {
	name string
	n    int
}

func named(list []count, name func(string) string) []row {
	var all []row
	for _, c := range list {
		all = append(all, row{name(c.name), c.n})
	}
	return all
}

// rows writes one table; nothing where it would be empty.
func rows(b *strings.Builder, title, unit string, list []row) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(b, "\n| %s | %s |\n|:--|--:|\n", title, unit)
	for _, r := range list {
		fmt.Fprintf(b, "| %s | %d |\n", strings.ReplaceAll(r.name, "|", "/"), r.n)
	}
}
