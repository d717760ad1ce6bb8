package jury

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"candide/storage"
)

// draft is a jury as it was asked for, before it is checked and kept.
type draft struct {
	Title    string           `json:"title,omitempty"`
	At       time.Time        `json:"at"`
	Duration time.Duration    `json:"duration,omitempty"`
	Location string           `json:"location,omitempty"`
	Channel  string           `json:"channel,omitempty"`
	Members  []storage.Member `json:"members,omitempty"`
	Quorum   int              `json:"quorum,omitempty"`
	Slots    []storage.Slot   `json:"slots,omitempty"`
	Rules    []string         `json:"rules,omitempty"`

	names []string // the members', as typed, until they are found
	slots []slot   // the candidates', until the jury's time is known
}

// slot is “3 14h30” as it was typed.
type slot struct {
	candidate    int
	hour, minute int
	timed        bool
}

// pack writes a draft for a button, which keeps texts.
func (d draft) pack() (string, error) {
	src, err := json.Marshal(d)
	if err != nil {
		return "", fmt.Errorf("keeping a jury's draft: %w", err)
	}
	return string(src), nil
}

func unpack(src string) (d draft, err error) {
	if err := json.Unmarshal([]byte(src), &d); err != nil {
		return draft{}, fmt.Errorf("reading a jury's draft: %w", err)
	}
	return d, nil
}

// misread is a part of a draft that could not be read, and the sentence that says so.
type misread struct{ key, part string }

var (
	channelPattern = regexp.MustCompile(`(^|\s)[~#]([\p{L}\p{N}][\p{L}\p{N}._-]*)`)
	mentionPattern = regexp.MustCompile(`(^|[\s,])@([\p{L}\p{N}][\p{L}\p{N}._-]*)`)
	linkPattern    = regexp.MustCompile(`^https?://\S+$`)
	spanPattern    = regexp.MustCompile(`^(?i:(?:dur[ée]e|pendant|duration|for)\s*:?\s*)?(?:([0-9]{1,2})\s*(?i:h|heures?|hours?)\s*([0-9]{2})?|([0-9]{1,3})\s*(?i:m|mn|min|minutes?))$`)
	quorumPattern  = regexp.MustCompile(`^(?i:quorum)\s*:?\s*([0-9]{1,2})$`)
	slotsPattern   = regexp.MustCompile(`^(?i:candidate?s?|candidat·es?)\s*:?\s+(.*[0-9].*)$`)
	rulesPattern   = regexp.MustCompile(`^(?i:rappels?|reminders?)\s*:?\s+(.+)$`)
	placePattern   = regexp.MustCompile(`^(?i:lieu|place)\s*:?\s+(.+)$`)
	slotPattern    = regexp.MustCompile(`^[\s,;]*(?i:n°|no\.?|#)?\s*([0-9]{1,9})(?:\s+(?i:à|at)?\s*([0-9]{1,2})\s?(?:[hH:]([0-9]{2})?))?(?:[\s,;]+|$)`)
)

// parse reads what follows a jury's date: “~equipe Titre @alice @bob ; 1h30 ; salle 4 ; quorum 2 ; candidats 3 14h, 4”.
// The parts after the title come in any order; one that is nothing else is the place.
func (d *draft) parse(text string) *misread {
	for i, part := range strings.Split(text, ";") {
		part = d.takeNames(strings.TrimSpace(part))
		switch {
		case i == 0:
			d.Channel, d.Title = splitChannel(part)
			if words := strings.Fields(d.Title); len(words) > 0 && linkPattern.MatchString(words[len(words)-1]) {
				d.Location = words[len(words)-1]
				d.Title = strings.TrimSpace(strings.TrimSuffix(d.Title, d.Location))
			}
			continue
		case part == "" || strings.EqualFold(part, "membres") || strings.EqualFold(part, "members"):
			continue
		}
		if bad := d.part(part); bad != nil {
			return bad
		}
	}
	return nil
}

func (d *draft) part(part string) *misread {
	if span, ok := parseSpan(part); ok {
		d.Duration = span
		return nil
	}
	if m := quorumPattern.FindStringSubmatch(part); m != nil {
		d.Quorum, _ = strconv.Atoi(m[1]) // two digits at most
		return nil
	}
	if m := slotsPattern.FindStringSubmatch(part); m != nil {
		var bad *misread
		d.slots, bad = parseSlots(m[1])
		return bad
	}
	if m := rulesPattern.FindStringSubmatch(part); m != nil {
		rules, wrong := parseRules(m[1])
		if wrong != "" {
			return &misread{"jury-bad-rule", wrong}
		}
		d.Rules = rules
		return nil
	}
	if channel, rest := splitChannel(part); channel != "" && rest == "" {
		d.Channel = channel
		return nil
	}
	if m := placePattern.FindStringSubmatch(part); m != nil {
		part = m[1]
	}
	if d.Location != "" {
		return &misread{"jury-bad-part", part}
	}
	d.Location = part
	return nil
}

// takeNames takes “@alice” out of what was typed.
func (d *draft) takeNames(text string) string {
	names, rest := splitNames(text)
	for _, name := range names {
		if !slices.Contains(d.names, name) {
			d.names = append(d.names, name)
		}
	}
	return rest
}

// splitNames finds the people mentioned in a text, and returns what is left of it.
func splitNames(text string) (names []string, rest string) {
	for _, m := range mentionPattern.FindAllStringSubmatch(text, -1) {
		names = append(names, strings.TrimRight(m[2], "._-"))
	}
	rest = mentionPattern.ReplaceAllString(text, "$1")
	return names, strings.Trim(strings.Join(strings.Fields(rest), " "), " ,")
}

// splitChannel takes “~equipe” out of what was typed.
func splitChannel(text string) (channel, title string) {
	m := channelPattern.FindStringSubmatchIndex(text)
	if m == nil {
		return "", strings.TrimSpace(text)
	}
	return text[m[4]:m[5]], strings.TrimSpace(strings.TrimSpace(text[:m[0]]) + " " + strings.TrimSpace(text[m[1]:]))
}

// maxSpan is the longest jury: a day of work.
const maxSpan = 12 * time.Hour

// parseSpan reads “1h30”, “45 min”, “durée 2 heures”.
func parseSpan(text string) (time.Duration, bool) {
	m := spanPattern.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return 0, false
	}
	part := func(i int) time.Duration { n, _ := strconv.Atoi(m[i]); return time.Duration(n) }
	span := part(1)*time.Hour + part(2)*time.Minute + part(3)*time.Minute
	return span, span > 0 && span <= maxSpan
}

// parseSlots reads “3 14h, 4 14h30, n° 7”.
func parseSlots(text string) ([]slot, *misread) {
	var slots []slot
	for rest := strings.TrimSpace(text); rest != ""; {
		m := slotPattern.FindStringSubmatch(rest)
		if m == nil {
			return nil, &misread{"jury-bad-slot", rest}
		}
		number := func(i int) int { n, _ := strconv.Atoi(m[i]); return n }
		s := slot{candidate: number(1), timed: m[2] != "", hour: number(2), minute: number(3)}
		if s.candidate == 0 || s.hour > 23 || s.minute > 59 {
			return nil, &misread{"jury-bad-slot", strings.TrimSpace(m[0])}
		}
		if slices.ContainsFunc(slots, func(o slot) bool { return o.candidate == s.candidate }) {
			return nil, &misread{"jury-slot-twice", m[1]}
		}
		slots = append(slots, s)
		rest = strings.TrimSpace(rest[len(m[0]):])
	}
	return slots, nil
}

// slotSpan is how long a candidate is seen where neither the jury's duration nor the next slot tells.
const slotSpan = 30 * time.Minute

// layOut gives each candidate a time on the jury's day. One typed without an hour follows the one before; without any,
// they share the jury's duration.
func layOut(slots []slot, at time.Time, duration time.Duration) ([]storage.Slot, *misread) {
	step := slotSpan
	if duration > 0 && len(slots) > 0 {
		step = max((duration / time.Duration(len(slots))).Truncate(5*time.Minute), 5*time.Minute)
	}
	var list []storage.Slot
	next := at
	for _, s := range slots {
		if s.timed {
			next = time.Date(at.Year(), at.Month(), at.Day(), s.hour, s.minute, 0, 0, at.Location())
		}
		if next.Before(at) || duration > 0 && !next.Before(at.Add(duration)) {
			return nil, &misread{"jury-slot-outside", strconv.Itoa(s.candidate)}
		}
		list = append(list, storage.Slot{Candidate: s.candidate, At: next})
		next = next.Add(step)
	}
	slices.SortStableFunc(list, func(a, b storage.Slot) int { return a.At.Compare(b.At) })
	return list, nil
}
