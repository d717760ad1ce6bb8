package interest

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"candide/storage"
)

// Export writes interests as "csv" or "json". It holds personal data.
func Export(w io.Writer, format string, list []storage.Interest) error {
	if format == "json" {
		if list == nil {
			list = []storage.Interest{}
		}
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		if err := enc.Encode(list); err != nil {
			return fmt.Errorf("exporting the interests: %w", err)
		}
		return nil
	}
	out := csv.NewWriter(w)
	rows := [][]string{{"number", "campaign", "name", "reach", "level", "subjects", "message", "stage", "consent_at", "recontact_at", "created_at", "updated_at", "notes"}}
	for _, i := range list {
		notes := make([]string, len(i.Notes))
		for n, note := range i.Notes {
			notes[n] = stamp(note.At) + " " + note.Text
		}
		rows = append(rows, []string{
			strconv.Itoa(i.Number), i.Campaign, i.Name, i.Reach, i.Level, i.Subjects, i.Message, string(i.Stage),
			stamp(i.ConsentAt), stamp(i.RecontactAt), stamp(i.CreatedAt), stamp(i.UpdatedAt), strings.Join(notes, "\n"),
		})
	}
	for _, row := range rows {
		for n := range row {
			row[n] = cell(row[n])
		}
	}
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("exporting the interests: %w", err)
	}
	return nil
}

// formula is where a spreadsheet could begin to read a formula (OWASP, CSV injection): at the start of a cell, and,
// since French spreadsheets take semicolons for separators, after what they may take for one or for the end of a row.
// The wide forms count too: some read them as the narrow ones.
var formula = regexp.MustCompile(`(^|[;\t\r\n])([\s"']*)([=+\-@＝＋－＠|%])`)

// cell keeps a spreadsheet from running what somebody typed as a formula.
func cell(s string) string {
	s = formula.ReplaceAllString(s, "$1$2'$3")
	if strings.HasPrefix(s, "\t") || strings.HasPrefix(s, "\r") || strings.HasPrefix(s, "\n") {
		return "'" + s
	}
	return s
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}
