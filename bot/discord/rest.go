package discord

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/bwmarrin/discordgo"

	"candide/bot"
)

const (
	// callTimeout bounds one request and its answer, waiting for a rate limit left aside.
	callTimeout = 20 * time.Second
	// maxPatience is the longest wait that a rate limit may ask for; a longer one is an error.
	maxPatience = 30 * time.Second
	// lookTimeout bounds what is asked while something else waits for it.
	lookTimeout = 10 * time.Second
	// tokenBuckets is over how many queues the answers to interactions are spread. Each interaction has a limit of its
	// own at Discord, but the library never forgets a bucket.
	tokenBuckets = 64
)

// rest speaks Discord's REST interface through the library, which keeps to the limits of each route.
type rest struct{ session *discordgo.Session }

func newREST(token string) (*rest, error) {
	s, err := discordgo.New("Bot " + token)
	if err != nil {
		return nil, fmt.Errorf("making a Discord client: %w", err)
	}
	s.Client = &http.Client{Timeout: callTimeout, Transport: patient{next: &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 15 * time.Second}).DialContext,
		TLSHandshakeTimeout:   5 * time.Second,
		ResponseHeaderTimeout: 15 * time.Second,
		ForceAttemptHTTP2:     true,
		MaxIdleConnsPerHost:   32,
		IdleConnTimeout:       time.Minute,
	}}}
	s.MaxRestRetries = 2
	s.StateEnabled = false
	s.LogLevel = silent
	s.UserAgent = "DiscordBot (Candide, 1)"
	return &rest{s}, nil
}

// silent keeps the library from logging: what it says may quote what people wrote.
const silent = -1

// patient refuses to wait for longer than anybody would: the library itself waits for whatever it is told, in a lane that
// others need.
type patient struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t patient) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusTooManyRequests {
		return resp, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	var limit struct {
		RetryAfter float64 `json:"retry_after"`
	}
	if json.Unmarshal(body, &limit) != nil {
		// Not Discord itself but what stands before it: it says so in a header, if at all.
		limit.RetryAfter, _ = strconv.ParseFloat(resp.Header.Get("Retry-After"), 64)
		limit.RetryAfter = max(limit.RetryAfter, 1)
		body, _ = json.Marshal(limit)
	}
	if limit.RetryAfter > maxPatience.Seconds() {
		return nil, errLimited{time.Duration(limit.RetryAfter * float64(time.Second))}
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// errLimited: the rate limit asks for a longer wait than is reasonable.
type errLimited struct{ wait time.Duration }

func (e errLimited) Error() string {
	return fmt.Sprintf("Discord asks to wait for %s", e.wait.Round(time.Second))
}

// call makes a request and reads its answer into out, if not nil. Requests of one bucket are made one after the other.
func (r *rest) call(ctx context.Context, method, url, bucket string, in, out any, files ...bot.File) error {
	bucket = method + " " + bucket
	options := []discordgo.RequestOption{discordgo.WithContext(ctx)}
	var answer []byte
	var err error
	if len(files) > 0 {
		var kind string
		var body []byte
		if kind, body, err = discordgo.MultipartBodyWithJSON(in, attach(files)); err != nil {
			return fmt.Errorf("packing files: %w", err)
		}
		answer, err = r.session.RequestRaw(method, url, kind, body, bucket, 0, options...)
	} else {
		answer, err = r.session.RequestWithBucketID(method, url, in, bucket, options...)
	}
	if err != nil {
		return brief(err)
	}
	if out == nil || len(answer) == 0 {
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return errors.New("an answer of Discord's cannot be read") // not the error: it may quote what someone wrote
	}
	return nil
}

func attach(files []bot.File) []*discordgo.File {
	list := make([]*discordgo.File, len(files))
	for i, f := range files {
		list[i] = &discordgo.File{Name: f.Name, ContentType: f.Type, Reader: bytes.NewReader(f.Data)}
	}
	return list
}

// tokenBucket is the queue of an interaction's answers.
func tokenBucket(what, token string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(token))
	return what + "/" + strconv.Itoa(int(h.Sum32()%tokenBuckets))
}

// errAPI is Discord's refusal: its status and code, and none of its text but the one that describes the code.
type errAPI struct {
	status, code int
	text         string
}

func (e errAPI) Error() string {
	return fmt.Sprintf("Discord answers %d (%s, code %d)", e.status, e.text, e.code)
}

// Codes of Discord's refusals.
const (
	codeUnknownChannel     = 10003
	codeUnknownMember      = 10007
	codeUnknownMessage     = 10008
	codeUnknownUser        = 10013
	codeUnknownWebhook     = 10015
	codeUnknownInteraction = 10062
	codeAcknowledged       = 40060
	codeNoAccess           = 50001
	codeNoDirect           = 50007
	codeNoPermission       = 50013
	codeInvalidToken       = 50027
	codeArchived           = 50083
	codeThreadExists       = 160004
)

// brief takes out of an error what repeats on every line of the log, or holds tokens: the request's URL and body.
func brief(err error) error {
	var refused *discordgo.RESTError
	if errors.As(err, &refused) {
		e := errAPI{status: refused.Response.StatusCode}
		if refused.Message != nil {
			e.code, e.text = refused.Message.Code, refused.Message.Message
		}
		return e
	}
	if errors.Is(err, discordgo.ErrUnauthorized) {
		return errAPI{status: http.StatusUnauthorized, text: "401: Unauthorized"}
	}
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// code is Discord's own code of a refusal, 0 for any other error.
func code(err error) int {
	var e errAPI
	errors.As(err, &e)
	return e.code
}

// status is the HTTP status of a refusal, 0 for any other error.
func status(err error) int {
	var e errAPI
	errors.As(err, &e)
	return e.status
}

// gone reports that Discord says “not there” or “not for you”.
func gone(err error) bool {
	s := status(err)
	return s == http.StatusNotFound || s == http.StatusForbidden
}
