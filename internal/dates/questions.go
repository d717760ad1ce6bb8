package dates

import (
	"time"

	"github.com/rickar/cal/v2/fr"
)

// Oddity is what may be odd about the time of a jury.
type Oddity string

// The oddities.
const (
	Past    Oddity = "past"
	Night   Oddity = "night"
	Weekend Oddity = "weekend"
	Holiday Oddity = "holiday"
)

// Question is something to have confirmed about a time. FR and EN say it in a sentence.
type Question struct {
	Oddity Oddity
	FR, EN string
}

// In is the question in a language.
func (q Question) In(lang string) string {
	if lang == "en" {
		return q.EN
	}
	return q.FR
}

// Questions says what is unusual about holding a jury at a time: that it is past, before 8:00 or after 20:00, on a
// Saturday, a Sunday or a French public holiday. Hours and days are those of at's own zone.
func Questions(at, now time.Time) []Question {
	var qs []Question
	if !at.After(now) {
		qs = append(qs, Question{Past, "Cette date est passée.", "This date has passed."})
	}
	if h, m := at.Hour(), at.Minute(); h < 8 || h > 20 || h == 20 && m > 0 {
		qs = append(qs, Question{
			Night,
			"C’est une heure inhabituelle : " + Clock(at, "fr") + ".",
			"This is an unusual hour: " + Clock(at, "en") + ".",
		})
	}
	if d := at.Weekday(); d == time.Saturday || d == time.Sunday {
		qs = append(qs, Question{Weekend, "C’est un " + joursFR[d] + ".", "This is a " + d.String() + "."})
	}
	if name, english, ok := PublicHoliday(at); ok {
		qs = append(qs, Question{Holiday, "C’est un jour férié : " + name + ".", "This is a public holiday in France: " + english + "."})
	}
	return qs
}

// PublicHoliday names the public holiday of all France that a day is, in its own zone.
func PublicHoliday(day time.Time) (french, english string, ok bool) {
	for _, h := range fr.Holidays {
		if on, _ := h.Calc(day.Year()); on.Month() == day.Month() && on.Day() == day.Day() {
			return h.Name, holidaysEN[h.Name], true
		}
	}
	return "", "", false
}

var holidaysEN = map[string]string{
	fr.NouvelAn.Name:         "New Year's Day",
	fr.LundiDePâques.Name:    "Easter Monday",
	fr.FêteDuTravail.Name:    "Labour Day",
	fr.FêteDeLaVictoire.Name: "Victory in Europe Day",
	fr.Ascension.Name:        "Ascension Day",
	fr.LundiDePentecôte.Name: "Whit Monday",
	fr.FêteNationale.Name:    "Bastille Day",
	fr.Assomption.Name:       "Assumption",
	fr.Toussaint.Name:        "All Saints' Day",
	fr.Armistice1918.Name:    "Armistice Day",
	fr.Noël.Name:             "Christmas Day",
}
