// Package dates says and reads dates as people do, in French and English, and tells what is odd about one.
//
// [Moment] writes a time in full words. [Parse] reads the date that begins a text; in order, it goes through the lexer,
// the grammar of days and weekdays and that of hours, whose phrases are then resolved against the present time.
// [Questions] knows nights, weekends and public holidays.
//
// It is pure: every function takes the present time and the zone it needs, and none reads a clock. What a jury or a
// campaign does with a date, and the words of its commands, belong to their handlers; this package knows neither.
package dates

import (
	"fmt"
	"time"
	_ "time/tzdata" // campaigns name their zone, and the program must know it on a machine that has no zone files
)

var (
	joursFR = [...]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"}
	moisFR  = [...]string{
		"janvier", "février", "mars", "avril", "mai", "juin",
		"juillet", "août", "septembre", "octobre", "novembre", "décembre",
	}
)

// Day writes the date of t, in t's own zone, in full words: "lundi 4 janvier 2021", "Monday 4 January 2021".
func Day(t time.Time, lang string) string {
	if lang == "en" {
		return t.Format("Monday 2 January 2006")
	}
	day := fmt.Sprint(t.Day())
	if t.Day() == 1 {
		day = "1er" // the only ordinal that French dates keep
	}
	return fmt.Sprintf("%s %s %s %d", joursFR[t.Weekday()], day, moisFR[t.Month()-1], t.Year())
}

// Clock writes the hour of t: "14 h 30", "9 h", "2:30 pm".
func Clock(t time.Time, lang string) string {
	if lang == "en" {
		return t.Format("3:04 pm")
	}
	if t.Minute() == 0 {
		return fmt.Sprintf("%d h", t.Hour())
	}
	return fmt.Sprintf("%d h %02d", t.Hour(), t.Minute())
}

// Moment writes date and hour: "lundi 23 novembre 2020 à 23 h 59", "Monday 23 November 2020 at 11:59 pm".
func Moment(t time.Time, lang string) string {
	at := " à "
	if lang == "en" {
		at = " at "
	}
	return Day(t, lang) + at + Clock(t, lang)
}

// Span writes a duration in the one unit that people would use: "6 jours", "31 heures", "12 minutes".
// It rounds down, so that nobody believes they have more time than they have. Under a minute it says one minute.
func Span(d time.Duration, lang string) string {
	d = max(d, time.Minute)
	unit := func(n int, fr, en string) string {
		word := fr
		if lang == "en" {
			word = en
		}
		// French keeps the singular up to, but not including, two.
		if n > 1 {
			word += "s"
		}
		return fmt.Sprintf("%d %s", n, word)
	}
	switch {
	case d >= 48*time.Hour:
		return unit(int(d/(24*time.Hour)), "jour", "day")
	case d >= 2*time.Hour:
		return unit(int(d/time.Hour), "heure", "hour")
	default:
		return unit(int(d/time.Minute), "minute", "minute")
	}
}
