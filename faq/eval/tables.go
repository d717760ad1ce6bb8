package eval

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxEntries is how many entries the table by entry shows.
const maxEntries = 30

func share(n, of int) string {
	if of == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(of))
}

// table writes rows under a title and a head, the first column to the left and the others to the right.
func table(b *strings.Builder, title string, rows [][]string) {
	if len(rows) < 2 {
		return
	}
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	fmt.Fprintf(b, "\n%s\n", title)
	for _, row := range rows {
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			switch {
			case i == 0 && len(row) == 1:
				b.WriteString("  " + cell)
			case i == 0:
				b.WriteString("  " + cell + pad)
			default:
				b.WriteString("  " + pad + cell)
			}
		}
		b.WriteString("\n")
	}
}

func (r Report) writeGrave(b *strings.Builder) {
	if r.Grave.Covered == 0 {
		return
	}
	table(b, "on money, contract and deadline", [][]string{
		{"", "", "of", "share"},
		{"wrong", fmt.Sprint(r.Grave.Wrong), fmt.Sprint(r.Grave.Covered), share(r.Grave.Wrong, r.Grave.Covered)},
		{"right", fmt.Sprint(r.Grave.Right), fmt.Sprint(r.Grave.Covered), share(r.Grave.Right, r.Grave.Covered)},
		{"answered so to other questions", fmt.Sprint(r.GraveByMistake), fmt.Sprint(r.others()), share(r.GraveByMistake, r.others())},
	})
}

// others is how many questions are not on money, contract or deadline.
func (r Report) others() int { return r.Covered + r.Uncovered + r.Noise - r.Grave.Covered }

func writeVoices(b *strings.Builder, voices []Group) {
	rows := [][]string{{"voice", "covered", "right", "or suggested", "wrong", "unknown", "uncovered", "false", "talk", "interrupted"}}
	for _, g := range voices {
		rows = append(rows, []string{
			g.Name, fmt.Sprint(g.Covered), share(g.Right, g.Covered), share(g.RightOrSuggested, g.Covered), share(g.Wrong, g.Covered),
			share(g.Unknown, g.Covered), fmt.Sprint(g.Uncovered), share(g.FalseAnswers, g.Uncovered), fmt.Sprint(g.Noise), share(g.Interruptions, g.Noise),
		})
	}
	table(b, "by voice", rows)
}

func writeEntries(b *strings.Builder, entries []Group) {
	rows := [][]string{{"entry", "asked", "right", "suggested", "suggested others", "wrong", "unknown"}}
	for _, g := range entries[:min(maxEntries, len(entries))] {
		suggested := g.RightOrSuggested - g.Right
		others := g.Covered - g.RightOrSuggested - g.Wrong - g.Unknown
		row := []string{g.Name}
		for _, n := range []int{g.Covered, g.Right, suggested, others, g.Wrong, g.Unknown} {
			row = append(row, fmt.Sprint(n))
		}
		rows = append(rows, row)
	}
	title := "by expected entry, the least understood first"
	if len(entries) > maxEntries {
		title += fmt.Sprintf(" (%d of %d)", maxEntries, len(entries))
	}
	table(b, title, rows)
}

func (r Report) writeCalibration(b *strings.Builder) {
	rows := [][]string{{"confidence", "lines", "said", "right"}}
	for i, t := range r.Calibration {
		if t.Lines > 0 {
			rows = append(rows, []string{
				fmt.Sprintf("%d to %d %%", 10*i, 10*(i+1)), fmt.Sprint(t.Lines),
				fmt.Sprintf("%.1f %%", 100*t.Confidence/float64(t.Lines)), share(t.Right, t.Lines),
			})
		}
	}
	table(b, "calibration: how sure it said it was, and how often it was right", rows)
}

func (r Report) writeToAdd(b *strings.Builder) {
	if len(r.ToAdd) == 0 {
		return
	}
	b.WriteString("\nwhat to add: phrasings that these entries lack\n")
	entry := ""
	for _, p := range r.ToAdd {
		if p.Entry != entry {
			entry = p.Entry
			fmt.Fprintf(b, "  %s\n", entry)
		}
		instead := "no answer"
		if p.Got != "" {
			instead = "answered as " + p.Got
		}
		fmt.Fprintf(b, "    - %s   (%s)\n", oneLine(p.Text), instead)
	}
}

// oneLine cuts a text to what a terminal shows on a line.
func oneLine(text string) string {
	const most = 140
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return string(runes)
}
