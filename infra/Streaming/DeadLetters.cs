using System.Globalization;
using System.Text;
using Pipeline.Schemas;

namespace Pipeline.Infra.Streaming;

/// <summary>What a dead letter says about itself.</summary>
public static class DeadLetters
{
    /// <summary>Headers of the dead letter of a record.</summary>
    /// <param name="record">The record that cannot be used.</param>
    /// <param name="reason">What is wrong, where, in words.</param>
    /// <param name="service">Who says so.</param>
    public static IReadOnlyList<KeyValuePair<string, byte[]>> Headers(in StreamRecord record, string reason, string service) =>
    [
        Header(DeadLetterHeaders.Reason, reason),
        Header(DeadLetterHeaders.Topic, record.Topic),
        Header(DeadLetterHeaders.Partition, record.Partition.ToString(CultureInfo.InvariantCulture)),
        Header(DeadLetterHeaders.Offset, record.Offset.ToString(CultureInfo.InvariantCulture)),
        Header(DeadLetterHeaders.Service, service),
    ];

    private static KeyValuePair<string, byte[]> Header(string name, string value) => new(name, Encoding.UTF8.GetBytes(value));
}
