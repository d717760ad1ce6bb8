package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"candide/bot"
)

// stopGrace is how long requests under way have to end when the bot stops.
const stopGrace = 5 * time.Second

// servers are the HTTP servers: one for each address, each address bound before anything starts.
type servers struct {
	list []*server
}

type server struct {
	listener net.Listener
	http     *http.Server
	mux      *http.ServeMux
}

// listen binds the configured addresses; the same address shares one server.
func listen(a *app) (*servers, error) {
	s := &servers{}
	mux, err := s.at(a.cfg.HTTP.Listen, a.log)
	if err != nil {
		return s, err
	}
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", a.ready)
	return s, nil
}

// at returns the mux of the server at address, which it binds when it is new.
func (s *servers) at(address string, log *slog.Logger) (*http.ServeMux, error) {
	for _, known := range s.list {
		if known.http.Addr == address {
			return known.mux, nil
		}
	}
	listener, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, environmentFault(fmt.Errorf("the address %s is in use by another program: stop it, or choose another "+
			"address in http.listen, web.listen and metrics.listen", address))
	}
	if err != nil {
		return nil, environmentFault(fmt.Errorf("listening on %s: %w", address, err))
	}
	mux := http.NewServeMux()
	s.list = append(s.list, &server{listener: listener, mux: mux, http: &http.Server{
		Addr: address, Handler: mux,
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, IdleTimeout: time.Minute,
		MaxHeaderBytes: 32 << 10,
		ErrorLog:       slog.NewLogLogger(log.Handler(), slog.LevelDebug), // it quotes clients
	}})
	return mux, nil
}

// address returns where a configured address is really bound (port 0 becomes a number).
func (s *servers) address(configured string) string {
	for _, known := range s.list {
		if known.http.Addr == configured {
			return known.listener.Addr().String()
		}
	}
	return configured
}

// addresses returns where every server is bound, by configured address.
func (s *servers) addresses() map[string]string {
	bound := map[string]string{}
	for _, known := range s.list {
		bound[known.http.Addr] = known.listener.Addr().String()
	}
	return bound
}

// run serves until ctx is done, then lets what is under way end.
func (s *servers) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, srv := range s.list {
		group.Go(func() error {
			if err := srv.http.Serve(srv.listener); !errors.Is(err, http.ErrServerClosed) {
				return environmentFault(fmt.Errorf("serving %s: %w", srv.http.Addr, err))
			}
			return nil
		})
		group.Go(func() error {
			<-ctx.Done()
			grace, cancel := context.WithTimeout(context.Background(), stopGrace)
			defer cancel()
			if err := srv.http.Shutdown(grace); err != nil {
				return srv.http.Close()
			}
			return nil
		})
	}
	return group.Wait()
}

// close frees the addresses of servers that never ran.
func (s *servers) close() error {
	var errs []error
	for _, srv := range s.list {
		if err := srv.listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// ready says whether the bot can do its work, and otherwise why not.
func (a *app) ready(w http.ResponseWriter, r *http.Request) {
	if problems := a.problems(r.Context()); len(problems) > 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintln(w, strings.Join(problems, "\n"))
		return
	}
	fmt.Fprintln(w, "ready")
}

// problems are what keeps the bot from its work.
func (a *app) problems(ctx context.Context) []string {
	problems := []string{}
	if _, err := a.store.Size(ctx); err != nil {
		problems = append(problems, "database: "+err.Error())
	}
	for _, p := range a.platforms {
		if readier, ok := p.(bot.Readier); ok {
			if err := readier.Ready(); err != nil {
				problems = append(problems, fmt.Sprintf("%s: %v", p.ID(), err))
			}
		}
	}
	return problems
}
