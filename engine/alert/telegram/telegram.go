// Package telegram sends alerts to a Telegram chat by a bot.
package telegram

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"polyhealth/engine/alert"
	"polyhealth/engine/alert/httppost"
	"polyhealth/schema"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/google/jsonschema-go/jsonschema"
)

// Kind is the telegram notifier.
var Kind = alert.Define(alert.Definition[Config]{
	Name:     "telegram",
	Doc:      "Sends alerts to a Telegram chat by a bot.",
	Defaults: Config{APIURL: "https://api.telegram.org"},
	Check:    check,
	Open:     open,
})

// Config is what the telegram key holds.
type Config struct {
	// The bot's token, as @BotFather tells it.
	Token schema.Secret `yaml:"token,required" example:"${TELEGRAM_BOT_TOKEN}"`
	// The chat's number, negative for a group, or a channel's @name.
	ChatID ChatID `yaml:"chat_id,required" example:"-1001234567890"`
	// The topic within a group that has topics.
	ThreadID int `yaml:"thread_id" min:"1" example:"42"`
	// The server of the bot API; by default https://api.telegram.org.
	APIURL string `yaml:"api_url" example:"http://localhost:8081"`
}

// A ChatID is a chat's number or a channel's @name.
type ChatID string

var chatPattern = regexp.MustCompile(`^(-?[1-9][0-9]{0,18}|@[A-Za-z][A-Za-z0-9_]{3,31})$`)

// FromNode reads a number or a text.
func (c *ChatID) FromNode(n *schema.Node, r *schema.Reader) {
	var text string
	if n.Kind == schema.Int {
		text = n.Value
	} else if !r.Decode(n, &text).OK {
		return
	}
	_, err := strconv.ParseInt(text, 10, 64)
	if text != "" && (!chatPattern.MatchString(text) || err != nil && text[0] != '@') {
		r.Errorf(n, "write a number such as -1001234567890, or a channel's @name", "%q is no chat", text)
	}
	*c = ChatID(text)
}

// JSONSchema describes the two forms.
func (ChatID) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Types: []string{"integer", "string"}}
}

var tokenPattern = regexp.MustCompile(`^[0-9]+:[A-Za-z0-9_-]+$`)

func check(c *Config, n *schema.Node, r *schema.Reader) {
	if c.Token != "" && !tokenPattern.MatchString(string(c.Token)) {
		r.Errorf(n.Near("token"), "@BotFather tells it, such as 123456:ABC-DEF", "this is not a bot's token")
	}
	httppost.CheckURL(c.APIURL, n.Near("api_url"), r)
	// Within a request's URL the token stands after "bot", and its second half
	// alone would do for whoever knows the bot.
	if _, secret, found := strings.Cut(string(c.Token), ":"); found {
		r.Hide(secret)
	}
}

type notifier struct {
	bot    *bot.Bot
	token  string
	chat   any // int64 or string
	thread int
	pace   pace
	log    *slog.Logger
}

func open(c Config, env alert.Env) (alert.Notifier, error) {
	t := &notifier{token: string(c.Token), thread: c.ThreadID, log: env.Log, chat: string(c.ChatID)}
	if id, err := strconv.ParseInt(string(c.ChatID), 10, 64); err == nil {
		t.chat = id
	}
	t.pace = paceOf(t.chat)
	b, err := bot.New(t.token, bot.WithSkipGetMe(), bot.WithServerURL(strings.TrimSuffix(c.APIURL, "/")),
		bot.WithHTTPClient(time.Minute, httppost.Client()),
		bot.WithErrorsHandler(func(error) {}), bot.WithDebugHandler(func(string, ...any) {}))
	if err != nil {
		return nil, t.plain(err)
	}
	t.bot = b
	return t, nil
}

// Send sends the message as HTML, and once more as plain text where Telegram
// cannot read that: an ugly alert is better than none.
func (t *notifier) Send(ctx context.Context, m alert.Message) alert.Outcome {
	if wait := t.pace.wait(time.Now()); wait > 0 {
		return alert.Later(wait)
	}
	err := t.send(ctx, htmlText(m), models.ParseModeHTML)
	var moved *bot.MigrateError
	if errors.As(err, &moved) {
		t.log.Warn("the Telegram group has become a supergroup: write its new number into the file",
			"chat_id", moved.MigrateToChatID)
		t.chat = int64(moved.MigrateToChatID)
		err = t.send(ctx, htmlText(m), models.ParseModeHTML)
	}
	if errors.Is(err, bot.ErrorBadRequest) && unreadable(err) {
		err = t.send(ctx, plainText(m), "")
	}
	return t.outcome(err)
}

func (t *notifier) send(ctx context.Context, text string, mode models.ParseMode) error {
	off := true
	_, err := t.bot.SendMessage(ctx, &bot.SendMessageParams{
		ChatID: t.chat, MessageThreadID: t.thread, Text: text, ParseMode: mode,
		LinkPreviewOptions: &models.LinkPreviewOptions{IsDisabled: &off},
	})
	return err
}

// unreadable reports whether Telegram complains of the text rather than of the
// chat.
func unreadable(err error) bool {
	text := strings.ToLower(err.Error())
	return strings.Contains(text, "parse") || strings.Contains(text, "entit") || strings.Contains(text, "too long")
}

func (t *notifier) outcome(err error) alert.Outcome {
	var busy *bot.TooManyRequestsError
	switch {
	case err == nil:
		return alert.Sent()
	case errors.As(err, &busy):
		return alert.Retry(t.plain(err), time.Duration(min(busy.RetryAfter, 3600))*time.Second)
	case errors.Is(err, bot.ErrorUnauthorized), errors.Is(err, bot.ErrorNotFound):
		return alert.Permanent(fmt.Errorf("the token is not taken: %w", t.plain(err)))
	case errors.Is(err, bot.ErrorForbidden), errors.Is(err, bot.ErrorBadRequest):
		return alert.Permanent(t.plain(err))
	}
	return alert.Retry(t.plain(err), 0)
}

// plain is an error in a line, without the token that the library writes into
// some.
func (t *notifier) plain(err error) error {
	text := err.Error()
	var u *url.Error
	if errors.As(err, &u) {
		text = "cannot reach Telegram: " + u.Err.Error()
	}
	for _, secret := range []string{t.token, url.PathEscape(t.token), url.QueryEscape(t.token)} {
		text = strings.ReplaceAll(text, secret, "***")
	}
	return errors.New(httppost.Brief(text))
}

//go:generate go run polyhealth/schema/fielddocs
