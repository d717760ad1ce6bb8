package interest_test

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"candide/handlers/interest"
	"candide/storage"
)

func TestExportCSV(t *testing.T) {
	at := time.Date(2020, 11, 16, 9, 0, 0, 0, time.UTC)
	list := []storage.Interest{{
		Number: 7, Campaign: "test", Person: "fake:carl", Name: "=HYPERLINK(\"http://evil.example\")", Reach: "+33 6 12 34 56 78",
		Level: "junior", Subjects: "@SUM(1)", Message: "-1\n\"quoted\", with; separators", Stage: storage.StageNew,
		ConsentAt: at, CreatedAt: at, UpdatedAt: at,
	}, {
		Number: 8, Name: "\t=1+1", Reach: "\r=1+1", Subjects: "\n=1+1", Message: "1=1 est permis",
	}}
	var out strings.Builder
	if err := interest.Export(&out, "csv", list); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 3 {
		t.Fatalf("%d rows: %q", len(rows), rows)
	}
	cell := func(row int, column string) string {
		for i, name := range rows[0] {
			if name == column {
				return rows[row][i]
			}
		}
		t.Errorf("no column %q", column)
		return ""
	}
	for _, c := range []struct {
		row          int
		column, want string
	}{
		{1, "number", "7"},
		{1, "name", "'=HYPERLINK(\"http://evil.example\")"},
		{1, "reach", "'+33 6 12 34 56 78"},
		{1, "subjects", "'@SUM(1)"},
		{1, "message", "'-1\n\"quoted\", with; separators"},
		{1, "consent_at", "2020-11-16T09:00:00Z"},
		{1, "recontact_at", ""},
		{2, "message", "1=1 est permis"},
	} {
		if got := cell(c.row, c.column); got != c.want {
			t.Errorf("row %d, %s: %q, want %q", c.row, c.column, got, c.want)
		}
	}
	for i, row := range rows {
		for _, value := range row {
			if value != "" && strings.ContainsRune("=+-@\t\r\n", rune(value[0])) {
				t.Errorf("row %d: a spreadsheet may run %q", i, value)
			}
		}
	}
}

// A spreadsheet that takes semicolons for separators, as French ones do, splits what is typed into cells of its own.
func TestExportForOtherSeparators(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typed := rapid.StringOf(rapid.SampledFrom([]rune("=+-@;,\t\r\n\"' a|%＝"))).Draw(t, "typed")
		list := []storage.Interest{{Number: 1, Name: typed, Message: typed, Notes: []storage.Note{{Text: typed}}}}
		var out strings.Builder
		if err := interest.Export(&out, "csv", list); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
		if err != nil || len(rows) != 2 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		for _, value := range rows[1] {
			for _, cell := range strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(";\t\r\n", r) }) {
				if cell = strings.TrimLeft(cell, " \""); cell != "" && strings.ContainsAny(cell[:1], "=+-@|%") || strings.HasPrefix(cell, "＝") {
					t.Fatalf("%q holds the cell %q", value, cell)
				}
			}
		}
	})
}

func TestExportJSON(t *testing.T) {
	var out strings.Builder
	if err := interest.Export(&out, "json", nil); err != nil || strings.TrimSpace(out.String()) != "[]" {
		t.Errorf("nothing is exported as %q, %v", out.String(), err)
	}
	out.Reset()
	list := []storage.Interest{{Number: 1, Name: "<Carl & Dina>", Notes: []storage.Note{{By: "fake:rita", Text: "vu"}}}}
	if err := interest.Export(&out, "json", list); err != nil {
		t.Fatal(err)
	}
	var back []storage.Interest
	if err := json.Unmarshal([]byte(out.String()), &back); err != nil || len(back) != 1 || back[0].Name != list[0].Name || len(back[0].Notes) != 1 {
		t.Errorf("read back %+v, %v", back, err)
	}
	if !strings.Contains(out.String(), "<Carl & Dina>") {
		t.Errorf("escaped for HTML: %s", out.String())
	}
}
