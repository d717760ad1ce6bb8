package web

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"regexp"
	"sync"
	"time"

	"candide/bot"
	"candide/storage"
)

// tokenBytes is how long a visitor's secret is: 128 bits.
const tokenBytes = 16

// visitor is somebody who holds a secret. The zero visitor has none yet.
type visitor struct {
	token string // base64url; in the cookie and the private link, never stored nor logged
	id    string // hexadecimal, derived from the token one way: what the store and the bot know
}

func (v visitor) known() bool { return v.id != "" }

func (v visitor) person() bot.Person { return bot.Person{Platform: ID, User: bot.UserID(v.id)} }

func (v visitor) ref() storage.PersonRef { return v.person().Ref() }

func (v visitor) place() bot.Place { return placeOf(v.id) }

func placeOf(id string) bot.Place {
	return bot.Place{Platform: ID, Channel: bot.ChannelID(id), Visibility: bot.Direct}
}

func newVisitor() visitor {
	v, _ := visitorOf(randomToken())
	return v
}

// visitorOf returns the holder of a token; false when it cannot be one.
func visitorOf(token string) (visitor, bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) != tokenBytes {
		return visitor{}, false
	}
	sum := sha256.Sum256(raw)
	return visitor{token: token, id: hex.EncodeToString(sum[:tokenBytes])}, true
}

// visitorID is the shape of an id: what a target must look like to be somebody here.
var visitorID = regexp.MustCompile(`^[0-9a-f]{32}$`)

func randomToken() string {
	var raw [tokenBytes]byte
	_, _ = rand.Read(raw[:]) // never fails: crypto/rand panics rather than return an error
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

// cookieName depends on the scheme: a browser accepts a __Host- cookie by https alone, and from this host alone.
func (p *Platform) cookieName() string {
	if p.o.Secure {
		return "__Host-candide"
	}
	return "candide"
}

// visitor returns who sent the request, by its cookie.
func (p *Platform) visitor(r *http.Request) visitor {
	for _, c := range r.CookiesNamed(p.cookieName()) {
		if v, ok := visitorOf(c.Value); ok {
			return v
		}
	}
	return visitor{}
}

// remember sets or renews the visitor's cookie, for as long as the conversation is kept.
func (p *Platform) remember(w http.ResponseWriter, v visitor) {
	p.cookie(w, v.token, int(p.o.Keep/time.Second))
}

// forget takes the cookie away.
func (p *Platform) forget(w http.ResponseWriter) { p.cookie(w, "", -1) }

func (p *Platform) cookie(w http.ResponseWriter, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{
		Name: p.cookieName(), Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: p.o.Secure, SameSite: http.SameSiteLaxMode,
	})
}

// newcomers remembers for a minute which secret was given for the nonce of a page without a cookie, so that a first
// message sent twice makes one conversation and not two.
type newcomers struct {
	mu    sync.Mutex
	known map[string]newcomer
}

type newcomer struct {
	visitor visitor
	expires time.Time
}

const (
	newcomerTTL  = time.Minute
	maxNewcomers = 10_000
)

func newNewcomers() *newcomers { return &newcomers{known: map[string]newcomer{}} }

// visitor returns the new visitor of a nonce, the same one each time within a minute.
func (n *newcomers) visitor(nonce string, now time.Time) visitor {
	if _, ok := visitorOf(nonce); !ok {
		return newVisitor() // no page of ours made it
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if known, ok := n.known[nonce]; ok && now.Before(known.expires) {
		return known.visitor
	}
	if len(n.known) >= maxNewcomers {
		for key, known := range n.known {
			if !now.Before(known.expires) {
				delete(n.known, key)
			}
		}
	}
	v := newVisitor()
	if len(n.known) < maxNewcomers {
		n.known[nonce] = newcomer{visitor: v, expires: now.Add(newcomerTTL)}
	}
	return v
}
