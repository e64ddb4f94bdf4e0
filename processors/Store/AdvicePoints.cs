using System.Globalization;
using System.Text.Json;
using Pipeline.Infra.TimeSeries;
using Pipeline.Schemas;

namespace Pipeline.Processors.Store;

/// <summary>What is stored of profiles and advice; <c>schemas/influx.md</c> lists it.</summary>
internal static class AdvicePoints
{
    private const long NsPerMs = 1_000_000;

    /// <summary>Horizons that are stored, hours ahead.</summary>
    private static readonly int[] HoursStored = [1, 2, 4, 8, 12, 24];

    /// <summary>A point for each slot of the coming week, at the slot's start: the next profile writes it again.</summary>
    public static void Add(List<Point> points, ProfileChunk chunk)
    {
        foreach (SubjectProfile profile in chunk.Profiles)
        {
            Tag[] tags = profile.SubjectCase switch
            {
                SubjectProfile.SubjectOneofCase.Vm => [new("cell", chunk.Cell), new("vm", profile.Vm)],
                SubjectProfile.SubjectOneofCase.Community => [new("cell", chunk.Cell), new("community", Text(profile.Community))],
                _ => [new("cell", chunk.Cell)],
            };
            for (int i = 0; i < profile.Mean.Count; i++)
            {
                Field[] fields =
                [
                    new("free_share", (double)profile.Mean[i]), new("free_cores", profile.Cores * profile.Mean[i]), new("free_90", (double)profile.Free90[i]),
                    new("free_50", (double)profile.Free50[i]), new("free_10", (double)profile.Free10[i]), new("samples", (double)profile.Samples[i]), new("uncertainty", (double)profile.Uncertainty[i]),
                ];
                points.Add(new Point("profile", tags, fields, (chunk.SlotEndUnixMs + (i * chunk.SlotMinutes * 60_000L)) * NsPerMs));
            }
        }
    }

    /// <summary>Forecasts and scaling advice of groups, and changes.</summary>
    public static void Add(List<Point> points, AdviceChunk chunk)
    {
        foreach (GroupAdvice group in chunk.Groups)
        {
            Tag[] tags = group.SubjectCase == GroupAdvice.SubjectOneofCase.Community ? [new("cell", chunk.Cell), new("community", Text(group.Community))] : [new("cell", chunk.Cell)];
            List<Field> fields = [new("vms", (long)group.Vms), new("cores", group.Cores), new("vms_wanted", (long)(group.VmsWanted.Count > 0 ? group.VmsWanted[0] : 0))];
            foreach (int hours in HoursStored)
            {
                int i = (int)(hours * 60 / chunk.SlotMinutes) - 1;
                if (i >= group.FreeCores.Count) continue;
                string suffix = string.Create(CultureInfo.InvariantCulture, $"_{hours}h");
                fields.Add(new Field("free_cores" + suffix, (double)group.FreeCores[i]));
                fields.Add(new Field("low_80" + suffix, (double)group.FreeCoresLow80[i]));
                fields.Add(new Field("high_80" + suffix, (double)group.FreeCoresHigh80[i]));
                fields.Add(new Field("low_95" + suffix, (double)group.FreeCoresLow95[i]));
                fields.Add(new Field("high_95" + suffix, (double)group.FreeCoresHigh95[i]));
                fields.Add(new Field("guaranteed" + suffix, (double)group.GuaranteedCores[i]));
            }
            // What is not known yet is NaN in the message, and left out here.
            fields.RemoveAll(f => !f.IsStorable);
            points.Add(new Point("capacity_forecast", tags, [.. fields], chunk.SlotEndUnixMs * NsPerMs));
        }
        foreach (ProfileChange change in chunk.Changes)
        {
            Tag kind = new("kind", JsonNamingPolicy.SnakeCaseLower.ConvertName(change.Kind.ToString()));
            Tag[] tags = change.SubjectCase switch
            {
                ProfileChange.SubjectOneofCase.Vm => [new("cell", chunk.Cell), kind, new("vm", change.Vm)],
                ProfileChange.SubjectOneofCase.Community => [new("cell", chunk.Cell), kind, new("community", Text(change.Community))],
                _ => [new("cell", chunk.Cell), kind],
            };
            Field[] fields = [new("strength", (double)change.Strength), new("found_unix_ms", chunk.SlotEndUnixMs), new("period_s", (long)change.PeriodS), new("with_count", (long)change.WithCount), new("with", string.Join(' ', change.With))];
            points.Add(new Point("profile_change", tags, fields, change.StartUnixMs * NsPerMs));
        }
    }

    private static string Text(uint value) => value.ToString(CultureInfo.InvariantCulture);
}
