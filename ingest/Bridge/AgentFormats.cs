using System.Text;
using System.Text.Json;
using Pipeline.Ingest.Bridge.Collectd;
using Pipeline.Ingest.Bridge.LineProtocol;
using Pipeline.Ingest.Bridge.Otlp;
using Pipeline.Ingest.Bridge.Points;
using Pipeline.Ingest.Bridge.Telegraf;

namespace Pipeline.Ingest.Bridge;

/// <summary>Names and decoders of the formats.</summary>
public static class AgentFormats
{
    private static readonly (AgentFormat Format, string Name)[] Names =
    [
        (AgentFormat.Auto, "auto"), (AgentFormat.TelegrafInflux, "telegraf-influx"), (AgentFormat.TelegrafJson, "telegraf-json"), (AgentFormat.OtlpProto, "otlp-proto"),
        (AgentFormat.OtlpJson, "otlp-json"), (AgentFormat.CollectdJson, "collectd-json"), (AgentFormat.CollectdGraphite, "collectd-graphite"),
    ];

    public static IEnumerable<string> All => Names.Select(n => n.Name);

    public static AgentFormat? Parse(string name) => Names.Where(n => n.Name == name).Select(n => (AgentFormat?)n.Format).FirstOrDefault();

    public static string NameOf(AgentFormat format) => Names.First(n => n.Format == format).Name;

    /// <summary>Decoder of a format.</summary>
    /// <param name="format">Which.</param>
    /// <param name="graphitePrefix">What Graphite's paths begin with.</param>
    public static IPointDecoder Decoder(AgentFormat format, string graphitePrefix = GraphiteDecoder.DefaultPrefix) => format switch
    {
        AgentFormat.Auto => new AutoDecoder(graphitePrefix),
        AgentFormat.TelegrafInflux => new LineProtocolDecoder(),
        AgentFormat.TelegrafJson => new TelegrafJsonDecoder(),
        AgentFormat.OtlpProto => new OtlpProtoDecoder(),
        AgentFormat.OtlpJson => new OtlpJsonDecoder(),
        AgentFormat.CollectdJson => new CollectdJsonDecoder(),
        AgentFormat.CollectdGraphite => new GraphiteDecoder(graphitePrefix),
        _ => throw new ArgumentOutOfRangeException(nameof(format)),
    };

    /// <summary>
    /// Which format a record has. JSON begins with a bracket: a list is collectd's, an object OTLP's when it has resourceMetrics. Of the rest
    /// OTLP begins with field 1 (byte 0x0A, which no text does but an empty line) and a length that fits; in a Graphite line the second word is
    /// a number, in line protocol it has an equals sign. Null: none of them.
    /// </summary>
    public static AgentFormat? Detect(ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> text = value.TrimStart(" \t\r\n"u8);
        if (text.IsEmpty) return null;
        if (text[0] == (byte)'[') return AgentFormat.CollectdJson;
        if (text[0] == (byte)'{') return HasMember(text, "resourceMetrics", "resource_metrics") ? AgentFormat.OtlpJson : AgentFormat.TelegrafJson;
        if (value[0] == 0x0A && IsOneMessage(value)) return AgentFormat.OtlpProto;
        int end = text.IndexOf((byte)'\n');
        string line = Encoding.UTF8.GetString(end < 0 ? text : text[..end]).Trim();
        if (line.StartsWith('#')) return AgentFormat.TelegrafInflux;
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length is 2 or 3 && double.TryParse(words[1], System.Globalization.CultureInfo.InvariantCulture, out _)) return AgentFormat.CollectdGraphite;
        return line.Contains('=', StringComparison.Ordinal) ? AgentFormat.TelegrafInflux : null;
    }

    private static bool IsOneMessage(ReadOnlySpan<byte> value)
    {
        ulong length = 0;
        for (int i = 1, shift = 0; i < value.Length && shift < 35; i++, shift += 7)
        {
            length |= (ulong)(value[i] & 0x7F) << shift;
            if (value[i] < 0x80) return length <= (ulong)(value.Length - i - 1);
        }
        return false;
    }

    private static bool HasMember(ReadOnlySpan<byte> json, string name, string other)
    {
        Utf8JsonReader reader = new(json);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName) continue;
                if (reader.ValueTextEquals(name) || reader.ValueTextEquals(other)) return true;
                reader.Skip();
            }
        }
        catch (JsonException)
        {
            // Whoever decodes it says so.
        }
        return false;
    }
}
