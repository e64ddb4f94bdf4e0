using Pipeline.Infra.Traces;

namespace Pipeline.Ingest.Agent.Cadence;

/// <summary>
/// What adaptive reporting saves on a trace, and what it costs: every slot is a part, and what is believed of a VM at a slot's end is the
/// mean that it reported last.
/// </summary>
public static class CadenceTrial
{
    /// <summary>From here on a VM is busy.</summary>
    private const double Busy = .8;

    /// <param name="fleet">The trace.</param>
    /// <param name="options">When reports are held.</param>
    /// <param name="aheadSlots">How far ahead the last value is taken for a forecast.</param>
    public static CadenceResult Run(FleetTrace fleet, CadenceOptions options, int aheadSlots)
    {
        CadenceResult result = new();
        for (int vm = 0; vm < fleet.Vms.Count; vm++) Run(fleet, vm, options, aheadSlots, result);
        return result;
    }

    private static void Run(FleetTrace fleet, int vm, CadenceOptions options, int aheadSlots, CadenceResult result)
    {
        ReportCadence cadence = new(options);
        double believed = double.NaN, sum = 0;
        int held = 0;
        for (int slot = 0; slot < fleet.SlotCount; slot++)
        {
            double cpu = fleet.CpuAt(slot, vm);
            if (double.IsNaN(cpu)) continue;
            CadenceDecision decision = cadence.End(cpu, closely: false);
            (sum, held) = (sum + cpu, held + 1);
            result.Slots++;
            if (decision != CadenceDecision.Hold)
            {
                result.Reports += decision == CadenceDecision.Report ? 1 : 2;
                believed = decision == CadenceDecision.Report ? sum / held : cpu;
                (sum, held) = (0, 0);
            }
            result.Believe(cpu, believed, Busy);
            if (slot + aheadSlots < fleet.SlotCount && fleet.CpuAt(slot + aheadSlots, vm) is var later && !float.IsNaN(later)) result.Forecast(later, cpu, believed);
        }
    }
}
