using System.Text;
using System.Text.Json;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Streaming;

namespace Pipeline.Ingest.Bridge;

/// <summary>
/// Records of a topic in a file, a JSON object a line: topic, partition, offset, timestamp_ms, key_b64 (or null), headers ([[name, base64], ...]),
/// value_b64.
/// </summary>
internal static class CaptureFile
{
    /// <exception cref="UserException">A line is not of that form.</exception>
    public static IEnumerable<StreamRecord> Read(FileInfo file)
    {
        int number = 0;
        foreach (string line in File.ReadLines(file.FullName))
        {
            number++;
            if (line.Length > 0) yield return Record(file, number, line);
        }
    }

    private static StreamRecord Record(FileInfo file, int number, string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement e = document.RootElement;
            return new StreamRecord
            {
                Topic = e.GetProperty("topic").GetString()!,
                Partition = e.GetProperty("partition").GetInt32(),
                Offset = e.GetProperty("offset").GetInt64(),
                TimestampUnixMs = e.GetProperty("timestamp_ms").GetInt64(),
                Key = e.GetProperty("key_b64").ValueKind == JsonValueKind.Null ? [] : e.GetProperty("key_b64").GetBytesFromBase64(),
                Value = e.GetProperty("value_b64").GetBytesFromBase64(),
                Headers = new ListedHeaders([.. e.GetProperty("headers").EnumerateArray().Select(h => KeyValuePair.Create(h[0].GetString()!, h[1].ValueKind == JsonValueKind.Null ? [] : h[1].GetBytesFromBase64()))]),
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new UserException($"{file.FullName}, line {number}: not a record (topic, partition, offset, timestamp_ms, key_b64, headers, value_b64): {e.Message}", e);
        }
    }
}
