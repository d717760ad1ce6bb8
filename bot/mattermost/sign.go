package mattermost

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"candide/storage"
)

// The secrets kept in the store.
const (
	secretName  = "mattermost-callbacks" // signs what buttons and dialogs carry
	commandName = "mattermost-command"   // the token of the slash command that the bot made
)

// secretKey signs what comes back from the server, so that nobody else can have made it. It is random, made once and
// kept in the store: buttons outlive the process.
type secretKey struct {
	store Store

	mu  sync.RWMutex
	key []byte
}

// load reads the key, or makes it.
func (s *secretKey) load(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.key != nil {
		return nil
	}
	text, err := s.store.Secret(ctx, secretName)
	if err == nil {
		if s.key, err = base64.StdEncoding.DecodeString(text); err != nil {
			return fmt.Errorf("the secret %s is damaged", secretName)
		}
		return nil
	}
	if !errors.Is(err, storage.ErrNotFound) {
		return err
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails: crypto/rand panics rather than return an error
	if err := s.store.SaveSecret(ctx, secretName, base64.StdEncoding.EncodeToString(key)); err != nil {
		return err
	}
	s.key = key
	return nil
}

// sign returns the signature of parts. Their lengths are signed too: no two lists of parts look alike.
func (s *secretKey) sign(parts ...string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	mac := hmac.New(sha256.New, s.key)
	for _, part := range parts {
		var n [4]byte
		binary.BigEndian.PutUint32(n[:], uint32(len(part)))
		mac.Write(n[:])
		mac.Write([]byte(part))
	}
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// verify reports whether signature is that of parts. Without a key nothing is.
func (s *secretKey) verify(signature string, parts ...string) bool {
	s.mu.RLock()
	known := s.key != nil
	s.mu.RUnlock()
	return known && hmac.Equal([]byte(s.sign(parts...)), []byte(signature))
}

// tokens are what a slash command may prove itself with: the bot's own command's, and one that was configured.
type tokens struct{ own, configured string }

// accept compares in constant time, whatever the lengths.
func (t tokens) accept(token string) bool {
	given := sha256.Sum256([]byte(token))
	ok := 0
	for _, known := range []string{t.own, t.configured} {
		if known != "" {
			hash := sha256.Sum256([]byte(known))
			ok |= subtle.ConstantTimeCompare(given[:], hash[:])
		}
	}
	return ok == 1
}
