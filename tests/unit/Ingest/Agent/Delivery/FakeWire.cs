using Pipeline.Ingest.Agent.Delivery;
using Pipeline.Schemas;

namespace Pipeline.Tests.Unit.Ingest.Agent.Delivery;

/// <summary>A way to a cluster that is there or away, and tells so when asked to.</summary>
internal sealed class FakeWire : IReportWire
{
    private readonly Queue<(byte[] Value, Action<DeliveryResult> Told)> underWay = [];

    /// <summary>Reports that the cluster has, in the order in which it got them.</summary>
    public List<VmReport> Delivered { get; } = [];

    public bool Away { get; set; }

    public long? BrokerUnixMs { get; set; }

    public int UnderWay => underWay.Count;

    public void Send(string key, byte[] value, Action<DeliveryResult> told) => underWay.Enqueue((value, told));

    /// <summary>Everything under way is delivered, or fails.</summary>
    public void Answer()
    {
        for (int n = underWay.Count; n > 0; n--)
        {
            (byte[] value, Action<DeliveryResult> told) = underWay.Dequeue();
            if (!Away) Delivered.Add(VmReports.Parser.ParseFrom(value).Reports[0]);
            told(Away ? new DeliveryResult("timed out", null) : new DeliveryResult(null, BrokerUnixMs));
        }
    }

    public void Flush(TimeSpan timeout) => Answer();

    public void Dispose()
    {
    }
}
