package web

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

// Handler serves the pages. It logs neither addresses nor paths: a private link's path is a secret.
func (p *Platform) Handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, serve := range map[string]http.HandlerFunc{
		"GET /{$}":       p.home,
		"GET /log":       p.log,
		"GET /faq":       p.faq,
		"POST /message":  p.message,
		"POST /press":    p.press,
		"GET /form":      p.form,
		"POST /form":     p.submit,
		"GET /link":      p.link,
		"GET /c/{token}": p.come,
		"POST /open":     p.open,
		"GET /forget":    p.askForget,
		"POST /forget":   p.doForget,
		"GET /privacy":   p.privacy,
		"GET /file/{id}": p.file,
		"/":              p.missing,
	} {
		mux.HandleFunc(pattern, serve)
	}
	pages := p.running(p.sameOrigin(p.limited(mux)))

	all := http.NewServeMux()
	all.HandleFunc("GET /static/{name}", p.static)
	all.HandleFunc("GET /robots.txt", robots)
	all.Handle("/", pages)
	return p.headers(all)
}

// policy lets the page load its own style sheet, script and icon, speak to its own server, and nothing else.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (p *Platform) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if p.o.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// running refuses requests while nobody answers.
func (p *Platform) running(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.currentInbox() == nil {
			w.Header().Set("Retry-After", "10")
			p.say(w, r, http.StatusServiceUnavailable, "starting")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// sameOrigin refuses what another site makes a visitor's browser send.
func (p *Platform) sameOrigin(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	if p.o.PublicURL != "" {
		// A proxy may change the host. An address that is no origin is refused by the check itself.
		if err := protection.AddTrustedOrigin(p.o.PublicURL); err != nil {
			p.o.Log.Warn("the web page's public URL is not an origin", "error", err)
		}
	}
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.say(w, r, http.StatusForbidden, "cross-site")
	}))
	return protection.Handler(next)
}

// limited bounds what one network address reads and sends.
func (p *Platform) limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		limit := p.limits.reader
		if r.Method == http.MethodPost {
			limit = p.limits.client
		}
		if wait := limit.wait(p.client(r), p.o.Now()); wait > 0 {
			p.tooMany(w, r, wait)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (p *Platform) tooMany(w http.ResponseWriter, r *http.Request, wait time.Duration) {
	seconds := strconv.Itoa(int(math.Ceil(wait.Seconds())))
	w.Header().Set("Retry-After", seconds)
	p.say(w, r, http.StatusTooManyRequests, "too-many", "n", seconds)
}

// turn bounds what one visitor sends; false: the refusal is written.
func (p *Platform) turn(w http.ResponseWriter, r *http.Request, v visitor) bool {
	wait := p.limits.visitor.wait(v.id, p.o.Now())
	if wait > 0 {
		p.tooMany(w, r, wait)
	}
	return wait == 0
}

func (p *Platform) missing(w http.ResponseWriter, r *http.Request) {
	p.say(w, r, http.StatusNotFound, "missing")
}

// broken says that something failed on our side; the cause goes to the log, without who or what.
func (p *Platform) broken(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // the browser went away
	}
	p.o.Log.Error("a web page failed", "error", err)
	p.say(w, r, http.StatusInternalServerError, "broken")
}

func robots(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("User-agent: *\nDisallow: /c/\nDisallow: /form\nDisallow: /link\n")) // the reader may be gone
}
