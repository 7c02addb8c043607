package importer

import (
	"slices"
	"strings"

	"polyhealth/engine/cli/draft"
)

// prometheus makes checks of the jobs that ask a blackbox exporter.
func (b *blackbox) prometheus(root *section, file *draft.Map) {
	if !root.has("scrape_configs") && !b.Failed() {
		b.Errorf(root.node, "", "this is no configuration of Prometheus: it has no scrape_configs")
	}
	file.Comment("Of the configuration of Prometheus, the jobs that ask a blackbox exporter are here.")
	global := root.sub("global")
	defaults := &draft.Map{}
	defaults.Set("interval", draft.Plain(orElse(string(global.duration("scrape_interval")), "60s")))
	file.Set("defaults", defaults).Note("the scrape_interval of Prometheus")
	for _, job := range root.subs("scrape_configs") {
		b.job(job, global.duration("scrape_timeout"))
	}
}

// asExporter are keys of a job that say how Prometheus reaches the exporter.
var asExporter = []string{
	"scheme", "honor_labels", "honor_timestamps", "authorization", "basic_auth", "tls_config", "proxy_url",
	"metric_relabel_configs", "sample_limit", "metrics_path",
}

func (b *blackbox) job(job *section, timeout draft.Plain) {
	name := orElse(job.text("job_name"), "job")
	job.path = "job " + name
	params := job.sub("params")
	modules := params.texts("module")
	if job.text("metrics_path") != "/probe" && len(modules) == 0 {
		lose(b.checks, "job "+name, "it does not ask a blackbox exporter")
		return
	}
	for _, key := range asExporter {
		job.asked[key] = true
	}
	p := probes{job: name, interval: job.duration("scrape_interval"), timeout: timeout}
	if own := job.duration("scrape_timeout"); own != "" {
		p.timeout = own
	}
	if extra := params.texts("target"); len(extra) > 0 {
		b.check(p, firstOf(modules, "http_2xx"), extra)
	}
	for _, s := range job.subs("static_configs") {
		module := ""
		p.tags, module = b.labels(s.pairs("labels"), firstOf(modules, "http_2xx"))
		b.check(p, module, s.texts("targets"))
		s.rest(b.checks, nil)
	}
	b.relabeled(job, name)
	params.rest(b.checks, nil)
	job.rest(b.checks, discoveries(job))
}

func firstOf(texts []string, fallback string) string {
	if len(texts) == 0 {
		return fallback
	}
	return texts[0]
}

// discoveries are the reasons for keys that find targets elsewhere.
func discoveries(job *section) map[string]string {
	why := map[string]string{}
	for _, e := range job.node.Entries {
		if strings.HasSuffix(e.Key.Value, "_sd_configs") {
			why[e.Key.Value] = "only the targets of static_configs are in the file"
		}
	}
	return why
}

// labels are tags. One of them may name the module.
func (b *blackbox) labels(labels *draft.Map, module string) (tags []string, named string) {
	for _, p := range labels.Live() {
		text := string(p.Value.(draft.Text))
		if p.Key == "module" || p.Key == "__param_module" {
			module = text
			continue
		}
		tags = append(tags, p.Key+"="+text)
	}
	return tags, module
}

// usual are the labels that every job of a blackbox exporter sets.
var usual = []string{"__param_target", "__param_module", "instance", "__address__", "target", ""}

func (b *blackbox) relabeled(job *section, name string) {
	for _, s := range job.subs("relabel_configs") {
		if target := s.text("target_label"); !slices.Contains(usual, target) {
			lose(b.checks, "job "+name+", relabel_configs", "it sets "+target)
		}
	}
}

// probes are how a job asks.
type probes struct {
	job               string
	interval, timeout draft.Plain
	tags              []string
}

// check makes a check of targets that have the same labels.
func (b *blackbox) check(p probes, module string, targets []string) {
	m := b.modules[module]
	if m == nil {
		lose(b.checks, "job "+p.job, "there is no module "+module)
		return
	}
	name, c := b.checks.Free(checkName(p.job)), &draft.Map{}
	c.Set("uses", draft.Text(m.name))
	setPlain(c, "interval", p.interval)
	if m.template.Part("timeout") == nil {
		setPlain(c, "timeout", p.timeout)
	}
	if len(p.tags) > 0 {
		c.Set("tags", draft.Texts(p.tags...))
	}
	if n := b.forEach(c, m, name, targets); n > 0 {
		b.targets += n
		m.used = true
		b.checks.Set(name, c)
	}
}
