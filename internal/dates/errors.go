package dates

import (
	"errors"
	"fmt"
	"time"
)

// ErrNoDate is returned when the text does not begin with a date.
var ErrNoDate error = noDate{}

type noDate struct{}

func (noDate) Error() string   { return "Je ne trouve pas de date au début." }
func (noDate) English() string { return "I find no date at the beginning." }

// Explain says in one sentence, fit for the person who wrote the date, what is wrong with it.
func Explain(err error, lang string) string {
	var said interface{ English() string }
	if lang == "en" && errors.As(err, &said) {
		return said.English()
	}
	return err.Error()
}

// WeekdayError is a weekday that is not the one of its date.
type WeekdayError struct {
	Date    time.Time    // as written, but for the weekday
	Weekday time.Weekday // as written
	Nearest time.Time    // the day of that name nearest to Date
}

func (e *WeekdayError) Error() string {
	return fmt.Sprintf("Le %s n’est pas un %s : voulez-vous dire le %s, ou le %s ?",
		dayMonthYear(e.Date), joursFR[e.Weekday], Day(e.Date, "fr"), Day(e.Nearest, "fr"))
}

// English is Error in English.
func (e *WeekdayError) English() string {
	return fmt.Sprintf("%s is not a %s: do you mean %s, or %s?",
		e.Date.Format("2 January 2006"), e.Weekday, Day(e.Date, "en"), Day(e.Nearest, "en"))
}

// ConflictError is a day that is named from today and then otherwise: “demain 12 mars”.
type ConflictError struct {
	Date         time.Time // the first
	First, Again string    // as written
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("« %s » est le %s, et non « %s ».", e.First, Day(e.Date, "fr"), e.Again)
}

// English is Error in English.
func (e *ConflictError) English() string {
	return fmt.Sprintf("“%s” is %s, not “%s”.", e.First, Day(e.Date, "en"), e.Again)
}

// DateError is a day that no calendar has.
type DateError struct {
	Day      int
	Month    time.Month // 0: not written
	Year     int        // 0: not written
	dayFirst bool
}

func (e *DateError) Error() string {
	switch {
	case e.Month == 0 && e.Year == 0 && !e.dayFirst:
		return fmt.Sprintf("Aucun mois n’a de jour %d.", e.Day)
	case e.Month < 1 || e.Month > 12:
		return fmt.Sprintf("Il n’y a pas de mois %d%s.", e.Month, e.order(" : écrivez le jour avant le mois"))
	case e.Year == 0:
		return fmt.Sprintf("Le %d %s n’existe pas.", e.Day, moisFR[e.Month-1])
	}
	return fmt.Sprintf("Le %d %s %d n’existe pas.", e.Day, moisFR[e.Month-1], e.Year)
}

// English is Error in English.
func (e *DateError) English() string {
	switch {
	case e.Month == 0 && e.Year == 0 && !e.dayFirst:
		return fmt.Sprintf("No month has a day %d.", e.Day)
	case e.Month < 1 || e.Month > 12:
		return fmt.Sprintf("There is no month %d%s.", int(e.Month), e.order(": write the day before the month"))
	case e.Year == 0:
		return fmt.Sprintf("There is no %d %s.", e.Day, e.Month)
	}
	return fmt.Sprintf("There is no %d %s %d.", e.Day, e.Month, e.Year)
}

// order is the advice for one who wrote the month before the day.
func (e *DateError) order(advice string) string {
	if e.dayFirst && 1 <= e.Day && e.Day <= 12 {
		return advice
	}
	return ""
}

// HourError is an hour that no clock shows.
type HourError struct {
	Text string // as written
}

func (e *HourError) Error() string { return fmt.Sprintf("L’heure « %s » n’existe pas.", e.Text) }

// English is Error in English.
func (e *HourError) English() string {
	return fmt.Sprintf("There is no such hour as “%s”.", e.Text)
}

// InexactError is an hour that is not one: “vers 14h”, “ce soir”, “14h-16h”.
type InexactError struct {
	Text string // as written
}

func (e *InexactError) Error() string {
	return fmt.Sprintf("« %s » ne dit pas l’heure exacte : écrivez une seule heure, par exemple « 14h30 ».", e.Text)
}

// English is Error in English.
func (e *InexactError) English() string {
	return fmt.Sprintf("“%s” does not say the exact hour: write a single one, such as “2:30 pm”.", e.Text)
}

// SkippedError is an hour over which clocks are put forward.
type SkippedError struct {
	Hour     time.Time // the hour written, in UTC for want of a better zone
	From, To time.Time // what clocks show before and after: one moment in two zones
}

func (e *SkippedError) Error() string {
	return fmt.Sprintf("Le %s, on passe de %s à %s : %s n’existe pas.",
		Day(e.To, "fr"), Clock(e.From, "fr"), Clock(e.To, "fr"), Clock(e.Hour, "fr"))
}

// English is Error in English.
func (e *SkippedError) English() string {
	return fmt.Sprintf("On %s clocks go from %s to %s: there is no %s.",
		Day(e.To, "en"), Clock(e.From, "en"), Clock(e.To, "en"), Clock(e.Hour, "en"))
}

// PastError is a date without its year that has just passed.
type PastError struct {
	At   time.Time // the one that passed
	Next time.Time // the one that comes; zero if it is not on the weekday written

	hasClock bool
}

func (e *PastError) Error() string {
	if e.Next.IsZero() {
		return fmt.Sprintf("Le %s est passé.", e.say(e.At, "fr"))
	}
	return fmt.Sprintf("Le %s est passé : si c’est bien le %s, écrivez la date entière, avec l’année.",
		e.say(e.At, "fr"), e.say(e.Next, "fr"))
}

// English is Error in English.
func (e *PastError) English() string {
	if e.Next.IsZero() {
		return fmt.Sprintf("%s has passed.", e.say(e.At, "en"))
	}
	return fmt.Sprintf("%s has passed: if you mean %s, write the whole date with its year.",
		e.say(e.At, "en"), e.say(e.Next, "en"))
}

func (e *PastError) say(t time.Time, lang string) string {
	if e.hasClock {
		return Moment(t, lang)
	}
	return Day(t, lang)
}

// dayMonthYear is Day in French without the weekday.
func dayMonthYear(t time.Time) string {
	return Day(t, "fr")[len(joursFR[t.Weekday()])+1:]
}
