package interest

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
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
	rows := [][]string{{"number", "campaign", "name", "reach", "level", "subjects", "message", "stage", "consent_at", "recontact_at", "created_at", "updated_at"}}
	for _, i := range list {
		rows = append(rows, []string{
			strconv.Itoa(i.Number), i.Campaign, i.Name, i.Reach, i.Level, i.Subjects, i.Message, string(i.Stage),
			stamp(i.ConsentAt), stamp(i.RecontactAt), stamp(i.CreatedAt), stamp(i.UpdatedAt),
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

// cell keeps a spreadsheet from running what somebody typed as a formula (OWASP, CSV injection).
func cell(s string) string {
	if strings.ContainsRune("=+-@\t\r\n", rune((s + " ")[0])) {
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
