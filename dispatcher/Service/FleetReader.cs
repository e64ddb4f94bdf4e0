using Pipeline.Infra.Streaming;
using Pipeline.Infra.Telemetry;
using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Service;

/// <summary>Takes what every instance has to know of the fleet: predictions, communities, and the dispatches and completions of all instances.</summary>
public sealed class FleetReader(DispatcherCore core) : IGlobalReader
{
    /// <summary>The topics that it takes, besides the shadow's.</summary>
    public static readonly IReadOnlyList<TopicSpec> Globals =
        [Topics.VmPredictions, Topics.GraphCommunities, Topics.FunctionDispatches, Topics.FunctionCompletions, Topics.Tenants, Topics.VmDrains];

    public void Reset() => core.Reset();

    public void Apply(in StreamRecord record, IOutput output)
    {
        if (record.Topic == Topics.FunctionDispatches.Name)
        {
            if (record.TryRead(Topics.FunctionDispatches, output, out Dispatch dispatch)) core.Feed.Read(dispatch);
        }
        else if (record.Topic == Topics.FunctionCompletions.Name)
        {
            if (record.TryRead(Topics.FunctionCompletions, output, out Completion completion)) core.Feed.Read(completion);
        }
        else if (record.Topic == Topics.VmPredictions.Name)
        {
            if (!record.TryRead(Topics.VmPredictions, output, out PredictionChunk predictions)) return;
            core.Feed.Read(predictions);
            if (Tracing.IsOn) core.PredictionTraces[predictions.Cell] = Tracing.ContextOf(record.Headers);
        }
        else if (record.Topic == Topics.VmPredictionsShadow.Name)
        {
            if (record.TryRead(Topics.VmPredictionsShadow, output, out PredictionChunk shadow)) core.Feed.Read(shadow, shadow: true);
        }
        else if (record.Topic == Topics.GraphCommunities.Name)
        {
            if (record.TryRead(Topics.GraphCommunities, output, out CommunityChunk communities)) core.Feed.Read(communities);
        }
        else if (record.Topic == Topics.Tenants.Name)
        {
            ApplyTenant(record, output);
        }
        else if (record.Topic == Topics.VmDrains.Name)
        {
            if (record.Value.Length == 0) Drain(record.KeyText, draining: false);
            else if (record.TryRead(Topics.VmDrains, output, out VmDrain drain)) Drain(drain.Vm, drain.Draining);
        }
    }

    private void Drain(string name, bool draining)
    {
        int vm = core.Feed.Fleet.VmRow(name);
        if (vm >= 0) core.Feed.Fleet.Vms.Drain(vm, draining);
    }

    private void ApplyTenant(in StreamRecord record, IOutput output)
    {
        core.Feed.Fleet.Counters.TenantChanges++;
        if (record.Value.Length == 0) core.Feed.Fleet.Tenants.Remove(record.KeyText);
        else if (record.TryRead(Topics.Tenants, output, out Tenant tenant)) core.Feed.Fleet.Tenants.Apply(tenant);
    }
}
