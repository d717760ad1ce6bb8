package jury

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDraft(t *testing.T) {
	for text, want := range map[string]string{
		"~equipe Premier jury":                               "Premier jury|equipe||0s|0||",
		"Premier jury @alice @bob-2. ~equipe":                "Premier jury|equipe||0s|0|alice bob-2|",
		"~equipe @alice Jury @alice":                         "Jury|equipe||0s|0|alice|",
		"Jury ; 1h30 ; salle 4 ; quorum 2":                   "Jury||salle 4|1h30m0s|2||",
		"Jury ; quorum : 2; durée 45 min ;lieu : la cantine": "Jury||la cantine|45m0s|2||",
		"Jury https://visio.example.org/j?a=1":               "Jury||https://visio.example.org/j?a=1|0s|0||",
		"Jury ; https://visio.example.org/j":                 "Jury||https://visio.example.org/j|0s|0||",
		"Jury ; candidats 3 14h, 4 14h30, n° 7":              "Jury|||0s|0||3@14:0 4@14:30 7",
		"Jury ; candidats 3 4 7":                             "Jury|||0s|0||3 4 7",
		"Jury ; membres @alice, @bob ; ~equipe":              "Jury|equipe||0s|0|alice bob|",
		"Jury ; pendant 2 heures ; rappels J-1 h-2":          "Jury|||2h0m0s|0|||J-1 H-2",
		"":                              "|||0s|0||",
		"écrire à jury@example.org":     "écrire à jury@example.org|||0s|0||",
		"Jury ; salle 4 ; salle 5":      "jury-bad-part salle 5",
		"Jury ; candidats 3 25h":        "jury-bad-slot 3 25h",
		"Jury ; candidats 3 14h, 3 15h": "jury-slot-twice 3",
		"Jury ; rappels demain":         "jury-bad-rule demain",
	} {
		var d draft
		got := ""
		if bad := d.parse(text); bad != nil {
			got = bad.key + " " + bad.part
		} else {
			var slots []string
			for _, s := range d.slots {
				one := fmt.Sprint(s.candidate)
				if s.timed {
					one += fmt.Sprintf("@%d:%d", s.hour, s.minute)
				}
				slots = append(slots, one)
			}
			got = strings.Join([]string{d.Title, d.Channel, d.Location, d.Duration.String(), fmt.Sprint(d.Quorum),
				strings.Join(d.names, " "), strings.Join(slots, " ")}, "|")
			if d.Rules != nil {
				got += "|" + strings.Join(d.Rules, " ")
			}
		}
		if got != want {
			t.Errorf("%q:\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestParseSpan(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"1h30": 90 * time.Minute, "45 min": 45 * time.Minute, "2 heures": 2 * time.Hour, "durée : 1 h 15": 75 * time.Minute,
		"for 2h": 2 * time.Hour, "90m": 90 * time.Minute, "pendant 1 heure": time.Hour,
		"": 0, "0 min": 0, "13h": 0, "1h3": 0, "une heure": 0, "1": 0, "30 jours": 0,
	} {
		if got, ok := parseSpan(text); got != want && ok || ok != (want > 0) {
			t.Errorf("%q: %s, %v; want %s", text, got, ok, want)
		}
	}
}

// Slots are laid out within the jury, in order, each candidate once.
func TestLayOut(t *testing.T) {
	at := time.Date(2026, 12, 1, 14, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		text     string
		duration time.Duration
		want     string
	}{
		{"3 14h, 4 14h30", 0, "3@14:00 4@14:30"},
		{"3 4 7", 90 * time.Minute, "3@14:00 4@14:30 7@15:00"},
		{"3 4", 0, "3@14:00 4@14:30"},
		{"3 15h 4", 0, "3@15:00 4@15:30"},
		{"3 15h, 4 14h", 0, "4@14:00 3@15:00"},
		{"3 4 7", 20 * time.Minute, "3@14:00 4@14:05 7@14:10"},
		{"3 13h", 0, "jury-slot-outside 3"},
		{"3 15h", time.Hour, "jury-slot-outside 3"},
		{"", time.Hour, ""},
	} {
		slots, bad := parseSlots(c.text)
		if bad != nil {
			t.Fatal(bad)
		}
		list, bad := layOut(slots, at, c.duration)
		got := ""
		if bad != nil {
			got = bad.key + " " + bad.part
		}
		for _, s := range list {
			got = strings.TrimSpace(got + fmt.Sprintf(" %d@%s", s.Candidate, s.At.Format("15:04")))
		}
		if got != c.want {
			t.Errorf("%q in %s: %q, want %q", c.text, c.duration, got, c.want)
		}
	}
}

// FuzzDraft: whatever is typed, what comes out holds together.
func FuzzDraft(f *testing.F) {
	for _, seed := range []string{"~equipe Premier jury @alice ; 1h30 ; quorum 2 ; candidats 3 14h, 4", ";;;", "@", "~ @a;candidats 9999999999", "rappels J-1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var d draft
		if bad := d.parse(text); bad != nil {
			if bad.key == "" {
				t.Errorf("%q is wrong, and nothing says why", text)
			}
			return
		}
		if d.Duration < 0 || d.Duration > maxSpan || d.Quorum < 0 || d.Quorum > 99 {
			t.Errorf("%q: %+v", text, d)
		}
		for i, s := range d.slots {
			if s.candidate <= 0 || s.hour > 23 || s.minute > 59 || slices.ContainsFunc(d.slots[:i], func(o slot) bool { return o.candidate == s.candidate }) {
				t.Errorf("%q: slot %+v of %+v", text, s, d.slots)
			}
		}
		packed, err := d.pack()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := unpack(packed); err != nil {
			t.Fatal(err)
		}
	})
}

// Moved to another time, a draft's slots keep their distance from it.
func TestDraftMoved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.Date(2026, 12, 1, 14, 0, 0, 0, time.UTC)
		n := rapid.IntRange(0, 5).Draw(t, "candidates")
		var typed []slot
		for i := range n {
			typed = append(typed, slot{candidate: i + 1})
		}
		list, bad := layOut(typed, at, 3*time.Hour)
		if bad != nil {
			t.Fatal(bad)
		}
		d := draft{At: at, Slots: list}
		by := time.Duration(rapid.IntRange(-10000, 10000).Draw(t, "minutes")) * time.Minute
		moved := d.moved(at.Add(by))
		for i := range moved.Slots {
			if !moved.Slots[i].At.Equal(list[i].At.Add(by)) || !d.Slots[i].At.Equal(list[i].At) {
				t.Fatalf("moved by %s: %v to %v", by, list, moved.Slots)
			}
		}
	})
}
