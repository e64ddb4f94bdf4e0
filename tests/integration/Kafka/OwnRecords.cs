using Pipeline.Infra.Streaming;

namespace Pipeline.Tests.Integration.Kafka;

/// <summary>Feeds a processor only what is keyed by the test's own run: topics are shared with other tests.</summary>
internal sealed class OwnProcessor(string run, IProcessor inner) : IUnpromptedProcessor
{
    public long ReplayFrom(long committed) => inner.ReplayFrom(committed);

    public void Process(in StreamRecord record, IOutput output)
    {
        if (record.KeyText.Contains(run, StringComparison.Ordinal)) inner.Process(record, output);
    }

    public void Restore(in StreamRecord record)
    {
        if (record.KeyText.Contains(run, StringComparison.Ordinal)) inner.Restore(record);
    }

    public bool HasWork(Silence silence) => inner is IUnpromptedProcessor own && own.HasWork(silence);

    public void Work(IOutput output) => ((IUnpromptedProcessor)inner).Work(output);

    public void Close() => inner.Close();
}

/// <summary>The same for a reader of global topics.</summary>
internal sealed class OwnReader(string run, IGlobalReader inner) : IGlobalReader
{
    public void Reset() => inner.Reset();

    public void Apply(in StreamRecord record, IOutput output)
    {
        if (record.KeyText.Contains(run, StringComparison.Ordinal)) inner.Apply(record, output);
    }
}
