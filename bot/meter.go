package bot

import "time"

// Meter counts what the runtime does. It is told nothing about people. Implementations are safe for concurrent use.
type Meter interface {
	// Handled counts a message by what became of it, and how long that took from its arrival.
	Handled(platform, outcome string, took time.Duration)
	// Refused counts what was refused because too much waited already; again: it is handed over again later.
	Refused(platform string, again bool)
	// Reminder counts a reminder's way: ReminderDue when it is first claimed, then how it ended.
	Reminder(event string)
}

// What Meter.Reminder counts. A reminder that is late is sent as well, and counted as both.
const (
	ReminderDue    = "due"
	ReminderSent   = "sent"
	ReminderLate   = "late"
	ReminderMissed = "missed"
)

// noMeter counts nothing.
type noMeter struct{}

func (noMeter) Handled(string, string, time.Duration) {}
func (noMeter) Refused(string, bool)                  {}
func (noMeter) Reminder(string)                       {}
