package jury

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"candide/bot"
	"candide/storage"
)

const (
	// defaultSpan is how long a jury is in calendars where nobody said.
	defaultSpan = time.Hour
	// FeedPath is where members' calendars are, followed by their secret and ".ics".
	FeedPath = "/calendrier/"
	// feedPast is how long a calendar shows juries that are over.
	feedPast = 90 * 24 * time.Hour
	// calendarType is what a calendar is served as.
	calendarType = "text/calendar; charset=utf-8"
)

// event adds a jury to a calendar. Times are in UTC: no time zone needs to be described. It says nothing of candidates.
func (h *Handler) event(c *ics.Calendar, j storage.Jury) *ics.VEvent {
	// The number alone is another bot's jury too.
	e := c.AddEvent(fmt.Sprintf("jury-%d-%d@candide", j.Number, j.CreatedAt.Unix()))
	span := j.Duration
	if span == 0 {
		span = defaultSpan
	}
	lang := h.Campaigns.ByID(j.Campaign).FAQ().Language
	e.SetDtStampTime(h.Now())
	e.SetCreatedTime(j.CreatedAt)
	e.SetSequence(j.Sequence)
	e.SetStartAt(j.At)
	e.SetEndAt(j.At.Add(span))
	e.SetSummary(j.Title)
	e.SetStatus(ics.ObjectStatusConfirmed)
	if j.State == storage.JuryCancelled {
		e.SetStatus(ics.ObjectStatusCancelled)
	}
	if j.Location != "" {
		e.SetLocation(j.Location)
		if linkPattern.MatchString(j.Location) {
			e.SetURL(j.Location)
		}
	}
	e.SetDescription(h.say(lang, "jury-event", j))
	return e
}

func newCalendar(method ics.Method) *ics.Calendar {
	c := ics.NewCalendar()
	c.SetProductId("-//Candide//Candide//FR")
	c.SetMethod(method)
	c.SetCalscale("GREGORIAN")
	return c
}

// calendarFile is the file beside a jury's card, its move or its cancellation: a calendar that has taken one before
// changes it. Members are named as the team knows them; the bot has no address of theirs to write in it.
func (h *Handler) calendarFile(j storage.Jury) bot.File {
	method := ics.MethodRequest
	if j.State == storage.JuryCancelled {
		method = ics.MethodCancel
	}
	c := newCalendar(method)
	e := h.event(c, j)
	nobody := "invalid:nomail"
	e.AddProperty(ics.ComponentPropertyOrganizer, nobody, ics.WithCN(plain(j.OrganiserName)))
	for _, m := range j.Members {
		status := ics.ParticipationStatusNeedsAction
		switch m.Answer {
		case storage.AnswerHere:
			status = ics.ParticipationStatusAccepted
		case storage.AnswerAway:
			status = ics.ParticipationStatusDeclined
		}
		e.AddProperty(ics.ComponentPropertyAttendee, "urn:candide:"+url.PathEscape(m.Name), ics.WithCN(plain(m.Name)), status)
	}
	if len(j.Members) == 0 { // a request asks somebody: the team
		e.AddProperty(ics.ComponentPropertyAttendee, nobody, ics.WithCN(plain(j.Team.Name)))
	}
	return bot.File{
		Name: fmt.Sprintf("jury-%d.ics", j.Number), Type: calendarType, Data: []byte(c.Serialize(ics.WithNewLineWindows)),
	}
}

// plain is a name without what would have to be quoted in a parameter: the library escapes it in another way than readers
// expect.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("\";:,\\^", r) || r < ' ' {
			return -1
		}
		return r
	}, name)
}

// calendar gives somebody the secret address of their own juries' calendar, a new one, or none any more.
func (h *Handler) calendar(ctx context.Context, r bot.Request) (bot.Response, error) {
	lang := h.Campaigns.Lang(r)
	who := r.From.Ref()
	direct := func(text string) bot.Response {
		return bot.Response{Replies: []bot.Reply{{Text: text, Direct: true}}}
	}
	switch strings.ToLower(strings.TrimSpace(r.Text)) {
	case "":
		secret, err := h.Store.Feed(ctx, who)
		if err == nil {
			return direct(h.Words.Say(lang, "jury-calendar", "url", h.feedURL(secret))), nil
		}
		if !errors.Is(err, storage.ErrNotFound) {
			return bot.Response{}, fmt.Errorf("looking for a calendar: %w", err)
		}
	case "nouveau", "new":
	case "retirer", "remove", "revoke":
		if err := h.Store.RemoveFeed(ctx, who); err != nil {
			return bot.Response{}, fmt.Errorf("taking a calendar back: %w", err)
		}
		return direct(h.Words.Say(lang, "jury-calendar-removed")), nil
	default:
		return direct(h.Words.Say(lang, "jury-calendar-usage")), nil
	}
	juries, err := h.Store.JuriesOf(ctx, who)
	if err != nil {
		return bot.Response{}, fmt.Errorf("listing a person's juries: %w", err)
	}
	if len(juries) == 0 {
		return direct(h.Words.Say(lang, "jury-calendar-none")), nil
	}
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails
	secret := base64.RawURLEncoding.EncodeToString(random[:])
	if err := h.Store.SaveFeed(ctx, who, secret); err != nil {
		return bot.Response{}, fmt.Errorf("keeping a calendar's address: %w", err)
	}
	return direct(h.Words.Say(lang, "jury-calendar", "url", h.feedURL(secret))), nil
}

func (h *Handler) feedURL(secret string) string {
	return strings.TrimRight(h.PublicURL, "/") + FeedPath + secret + ".ics"
}

var feedFile = regexp.MustCompile(`^([A-Za-z0-9_-]{43})\.ics$`)

// ServeCalendar serves a member's calendar. Whoever has the address reads it: it is taken back by a command.
func (h *Handler) ServeCalendar(w http.ResponseWriter, r *http.Request) {
	m := feedFile.FindStringSubmatch(strings.TrimPrefix(r.URL.Path, FeedPath))
	if m == nil {
		http.NotFound(w, r)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), 10*time.Second)
	defer cancel()
	who, err := h.Store.FeedOwner(ctx, m[1])
	if errors.Is(err, storage.ErrNotFound) {
		http.NotFound(w, r)
		return
	}
	var juries []storage.Jury
	if err == nil {
		juries, err = h.Store.JuriesOf(ctx, who)
	}
	if err != nil {
		http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
		return
	}
	c := newCalendar(ics.MethodPublish)
	c.SetXWRCalName(h.Words.Say(h.Campaigns.First().FAQ().Language, "jury-calendar-name"))
	c.SetRefreshInterval("PT1H", ics.WithValue("DURATION"))
	for _, j := range juries {
		if j.At.After(h.Now().Add(-feedPast)) {
			h.event(c, j)
		}
	}
	header := w.Header()
	header.Set("Content-Type", calendarType)
	header.Set("Cache-Control", "private, max-age=300")
	header.Set("X-Robots-Tag", "noindex")
	header.Set("Referrer-Policy", "no-referrer")
	_ = c.SerializeTo(w, ics.WithNewLineWindows) // whoever went away does not read it
}
