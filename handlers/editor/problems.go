package editor

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"candide/faq"
	"candide/internal/fold"
)

// fieldsOf are the fields of each step, for the problems of its answers to be said beside them.
var fieldsOf = map[string][]string{
	stepText:  {"question", "answer", "title"},
	stepOther: {"question_other", "answer_other", "title_other", "closed_other"},
	stepMore:  {"phrasings", "phrasings_other", "topics", "source"},
}

// invalid sorts the problems of a draft to the fields of the step that was just answered.
func (h *Handler) invalid(lang string, f *faq.FAQ, step string, adding bool, problems faq.Problems) map[string]string {
	fields := fieldsOf[step]
	if step == stepText && adding {
		fields = append(slices.Clone(fields), "phrasings")
	} else if step == stepText {
		fields = append(slices.Clone(fields), "closed")
	}
	invalid := map[string]string{}
	for _, p := range problems {
		if field := fieldOf(p, f); slices.Contains(fields, field) && invalid[field] == "" {
			invalid[field] = h.say(lang, p)
		}
	}
	return invalid
}

// fieldOf is the field that a problem is about; empty: none.
func fieldOf(p faq.Problem, f *faq.FAQ) string {
	suffix := ""
	for i := 0; i+1 < len(p.Args); i += 2 {
		if p.Args[i] == "lang" && p.Args[i+1] != f.Language {
			suffix = "_other"
		}
	}
	switch p.Code {
	case "no-question", "long-question":
		return "question" + suffix
	case "no-answer", "long-answer", "unknown-placeholder", "unsaid-placeholder":
		return "answer" + suffix
	case "long-title":
		return "title" + suffix
	case "long-closed":
		return "closed" + suffix
	case "long-source":
		return "source"
	case "unknown-topic":
		return "topics"
	case "long-phrasing", "phrasing-shared", "phrasing-twice":
		return "phrasings"
	}
	return ""
}

// say is a problem in the recruiter's words.
func (h *Handler) say(lang string, p faq.Problem) string {
	if p.Code == "" {
		return p.What
	}
	return h.Words.Say(lang, "faq-problem-"+p.Code, p.Args...)
}

func (h *Handler) sayAll(lang string, problems faq.Problems) string {
	var rows []string
	for _, p := range problems {
		rows = append(rows, "- "+h.say(lang, p))
	}
	return strings.Join(rows, "\n")
}

// newID makes an id of a title that no entry had yet.
func newID(list []row, title string) string {
	var b strings.Builder
	gap := false
	for _, r := range fold.String(title) {
		if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			b.WriteRune(r)
			gap = false
			continue
		}
		gap = true
	}
	words := strings.Split(b.String(), "-")
	// Short, and without the little words that titles begin with.
	words = slices.DeleteFunc(words, func(w string) bool { return slices.Contains(littleWords, w) })
	id := strings.Join(words[:min(4, len(words))], "-")
	if id == "" {
		id = "fiche"
	}
	taken := func(id string) bool {
		return id == "none" || id == "noise" || slices.ContainsFunc(list, func(r row) bool { return r.entry.ID == id })
	}
	for n, first := 2, id; taken(id); n++ {
		id = fmt.Sprintf("%s-%s", first, strconv.Itoa(n))
	}
	return id
}

var littleWords = strings.Fields("t il elle on le la les l un une des du de d et ou a au aux en y est ce que qui the a an of is are there do does")
