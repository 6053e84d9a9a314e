{{/* Environment of a workload's container; takes (list root name spec workloads). */}}
{{- define "tocsin.env" -}}
{{- $root := index . 0 -}}{{- $name := index . 1 -}}{{- $spec := index . 2 -}}{{- $workloads := index . 3 -}}
{{- $variable := include "tocsin.variable" $name -}}
{{- $env := dict
  "TOCSIN_MODE" "production"
  "TOCSIN_BIND_HOST" "0.0.0.0"
  "TOCSIN_RECORDS" $root.Values.records
  "TOCSIN_KEY_FILE" "/run/tocsin/platform.key"
  "TOCSIN_KAFKA_BROKERS" (join "," $root.Values.kafka.brokers)
  "TOCSIN_KAFKA_COPIES" (toString $root.Values.kafka.copies)
  "TOCSIN_KAFKA_CA" "/run/tocsin/kafka/ca.crt"
  "TOCSIN_KAFKA_USER" (include "tocsin.filled" (list $root $name $root.Values.kafka.user))
  "TOCSIN_KAFKA_PASSWORD_FILE" "/run/tocsin/kafka/password"
  "TOCSIN_KAFKA_MECHANISM" $root.Values.kafka.mechanism
  "TOCSIN_MONGO_URI" $root.Values.mongo.uri
  "TOCSIN_MONGO_CA" "/run/tocsin/mongo/ca.crt"
  "TOCSIN_LINK_CERTIFICATE" "/run/tocsin/link/tls.crt"
  "TOCSIN_LINK_KEY" "/run/tocsin/link/tls.key"
  "TOCSIN_LINK_CA" "/run/tocsin/link/ca.crt"
-}}
{{- $_ := set $env (printf "TOCSIN_%s_HTTP_PORT" $variable) "9090" -}}
{{- if $spec.port }}{{ $_ := set $env (printf "TOCSIN_%s_GRPC_PORT" $variable) (toString $spec.port) }}{{ end -}}
{{- if $spec.database -}}
{{- $_ := set $env "TOCSIN_MONGO_USER" (include "tocsin.filled" (list $root $name $root.Values.mongo.user)) -}}
{{- $_ := set $env "TOCSIN_MONGO_PASSWORD_FILE" "/run/tocsin/mongo/password" -}}
{{- $_ := set $env "TOCSIN_MONGO_AUTH_SOURCE" $root.Values.mongo.authSource -}}
{{- end -}}
{{- if eq $name "gateway" -}}
{{- $_ := set $env "TOCSIN_GATEWAY_TLS_CERT" "/run/tocsin/public/tls.crt" -}}
{{- $_ := set $env "TOCSIN_GATEWAY_TLS_KEY" "/run/tocsin/public/tls.key" -}}
{{- end -}}
{{- with $root.Values.monitoring.otlp.url }}{{ $_ := set $env "TOCSIN_OTLP_URL" . }}{{ end -}}
{{- range $peer := $spec.peers -}}
{{- $port := (index $workloads $peer).port -}}
{{- $_ := set $env (printf "TOCSIN_ADDRESSES_%s" (include "tocsin.variable" $peer)) (printf "%s.%s.svc:%d" (include "tocsin.name" (list $root $peer)) $root.Release.Namespace (int $port)) -}}
{{- end -}}
{{- range $file := $spec.files -}}
{{- $_ := set $env (printf "TOCSIN_%s_%s" $variable $file.setting) (printf "/run/tocsin/files/%s" $file.setting) -}}
{{- end -}}
{{- range $key, $value := mergeOverwrite $env (deepCopy $root.Values.env) $spec.env }}
- { name: {{ $key }}, value: {{ $value | toString | quote }} }
{{- end -}}
{{- end -}}

{{/* Everything secret of a workload in one read-only volume, renewed in place; takes (list root name spec). */}}
{{- define "tocsin.secrets" -}}
{{- $root := index . 0 -}}{{- $name := index . 1 -}}{{- $spec := index . 2 -}}
{{- $link := include "tocsin.filled" (list $root $name $root.Values.links.secret) -}}
- secret: { name: {{ $root.Values.platformKey.name }}, items: [{ key: {{ $root.Values.platformKey.key }}, path: platform.key }] }
- secret: { name: {{ $link }}, items: [{ key: tls.crt, path: link/tls.crt }, { key: tls.key, path: link/tls.key }, { key: ca.crt, path: link/ca.crt }] }
- secret: { name: {{ $root.Values.kafka.caSecret.name }}, items: [{ key: {{ $root.Values.kafka.caSecret.key }}, path: kafka/ca.crt }] }
- secret: { name: {{ include "tocsin.filled" (list $root $name $root.Values.kafka.passwordSecret.name) }}, items: [{ key: {{ $root.Values.kafka.passwordSecret.key }}, path: kafka/password }] }
- secret: { name: {{ $root.Values.mongo.caSecret.name }}, items: [{ key: {{ $root.Values.mongo.caSecret.key }}, path: mongo/ca.crt }] }
{{- if $spec.database }}
- secret: { name: {{ include "tocsin.filled" (list $root $name $root.Values.mongo.passwordSecret.name) }}, items: [{ key: {{ $root.Values.mongo.passwordSecret.key }}, path: mongo/password }] }
{{- end }}
{{- if eq $name "gateway" }}
- secret: { name: {{ $root.Values.public.tlsSecret }}, items: [{ key: tls.crt, path: public/tls.crt }, { key: tls.key, path: public/tls.key }] }
{{- end }}
{{- range $file := $spec.files }}
- secret: { name: {{ $file.secret }}, items: [{ key: {{ $file.key }}, path: files/{{ $file.setting }} }] }
{{- end }}
{{- end -}}
