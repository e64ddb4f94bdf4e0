using System.Globalization;
using System.Text;
using Pipeline.Schemas;

namespace Pipeline.Infra.Streaming;

/// <summary>What a dead letter says about itself, and what it carries of the record.</summary>
public static class DeadLetters
{
    /// <summary>A reason tells what is wrong, in words, not what the record says: four lines are enough.</summary>
    private const int ReasonLengthMax = 500;

    /// <summary>What librdkafka adds to a header when it counts a message's size; rounded up.</summary>
    private const int HeaderOverheadBytes = 16;

    /// <summary>Headers of the dead letter of a record.</summary>
    /// <param name="record">The record that cannot be used.</param>
    /// <param name="reason">What is wrong, where, in words.</param>
    /// <param name="service">Who says so.</param>
    public static IReadOnlyList<KeyValuePair<string, byte[]>> Headers(in StreamRecord record, string reason, string service) =>
    [
        Header(DeadLetterHeaders.Reason, reason.Length > ReasonLengthMax ? reason[..ReasonLengthMax] : reason),
        Header(DeadLetterHeaders.Topic, record.Topic),
        Header(DeadLetterHeaders.Partition, record.Partition.ToString(CultureInfo.InvariantCulture)),
        Header(DeadLetterHeaders.Offset, record.Offset.ToString(CultureInfo.InvariantCulture)),
        Header(DeadLetterHeaders.Service, service),
    ];

    /// <summary>
    /// Writes a dead letter. It carries the original key and value if a record of that size may be written; otherwise neither, since half of
    /// a value is of no use, and a header tells how large the value was. Topic, partition and offset are there in any case.
    /// </summary>
    /// <returns>Whether it carries the record.</returns>
    public static bool Send(ITransactionalProducer producer, in StreamRecord record, string reason, string service, StreamLimits limits)
    {
        IReadOnlyList<KeyValuePair<string, byte[]>> headers = Headers(record, reason, service);
        long bytes = record.Bytes + headers.Sum(h => h.Key.Length + h.Value.Length + (long)HeaderOverheadBytes);
        bool fits = limits.MayBeWritten(bytes);
        if (!fits) headers = [.. headers, Header(DeadLetterHeaders.OmittedBytes, record.Value.Length.ToString(CultureInfo.InvariantCulture))];
        producer.Send(record.Topic + Topics.DeadLetterSuffix, record.Partition, fits ? record.Key : [], fits ? record.Value : [], headers);
        return fits;
    }

    private static KeyValuePair<string, byte[]> Header(string name, string value) => new(name, Encoding.UTF8.GetBytes(value));
}
