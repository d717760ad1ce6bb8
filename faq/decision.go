package faq

import "time"

// Outcome is what the bot does with a question.
type Outcome string

// The outcomes.
const (
	Answered  Outcome = "answer"
	Suggested Outcome = "suggest" // up to three entries to choose from
	Unknown   Outcome = "unknown" // handed over to a human
	Silent    Outcome = "silent"  // not for the bot
)

// Question is what somebody said.
type Question struct {
	Text    string
	Channel bool      // said in a channel, to nobody in particular: answered when sure, else silence
	Lang    string    // "fr" or "en"; empty: guessed from the text, else the FAQ's
	Subject string    // the entry that the thread is about; empty: none
	Now     time.Time // decides what is open and what is closed
}

// Answer is one entry given in answer.
type Answer struct {
	Entry      string  `json:"entry"`
	Topic      string  `json:"topic"`
	Confidence float64 `json:"confidence"`
	Text       string  `json:"text"`
}

// Decision is what to do with a question, and why. Its JSON is a contract: fields may be added, never changed.
type Decision struct {
	Outcome     Outcome  `json:"outcome"`
	Entry       string   `json:"entry"` // the best candidate, whatever the outcome; empty: none
	Topic       string   `json:"topic"`
	Confidence  float64  `json:"confidence"` // the probability that Entry is right, whatever the outcome
	Text        string   `json:"text"`       // what to say; empty unless answered
	Suggestions []string `json:"suggestions"`
	Answers     []Answer `json:"answers"`

	Asked   string   `json:"-"` // the topic that the question seems to be about, covered or not
	Lang    string   `json:"-"` // in which the answer is written
	Ranked  []string `json:"-"` // the best five entries
	Private bool     `json:"-"` // about health or family: never shown to others
	// Uncovered is the probability that it is about the recruitment and no entry answers it; Asks says whether it bears
	// the mark of a question.
	Uncovered float64 `json:"-"`
	Asks      bool    `json:"-"`
	Kind      string  `json:"-"` // of the topic: recruitment, talk, refused, chatter; empty: unknown
}
