namespace Pipeline.Processors.Offline;

/// <summary>
/// Where VMs stand on the fleet's map: each community is a disc, its firmest members inside; discs draw each other by the weight of the edges
/// between them and do not overlap. Who is alone stands in a ring around all.
/// </summary>
internal static class CommunityLayout
{
    private const int Rounds = 400;

    /// <summary>Sunflower: points as dense as can be, one after the other around the centre (H. Vogel, "A better way to construct the sunflower head", 1979).</summary>
    private static readonly double Turn = Math.PI * (3 - Math.Sqrt(5));

    /// <param name="groups">Communities, largest first: rows of their VMs, firmest first.</param>
    /// <param name="links">[group, group] weight of the edges between two of them.</param>
    /// <param name="alone">Rows of VMs in none.</param>
    /// <param name="rows">VMs.</param>
    public static (double[] X, double[] Y) Place(IReadOnlyList<int[]> groups, double[,] links, IReadOnlyList<int> alone, int rows)
    {
        (double[] x, double[] y) = (new double[rows], new double[rows]);
        double[] radii = [.. groups.Select(g => Math.Sqrt(g.Length) + 1)];
        (double X, double Y)[] centres = Centres(radii, links);
        for (int g = 0; g < groups.Count; g++)
        {
            for (int i = 0; i < groups[g].Length; i++)
            {
                double r = Math.Sqrt(i + .5);
                (x[groups[g][i]], y[groups[g][i]]) = (centres[g].X + (r * Math.Cos(i * Turn)), centres[g].Y + (r * Math.Sin(i * Turn)));
            }
        }
        double edge = centres.Select((c, g) => Math.Sqrt((c.X * c.X) + (c.Y * c.Y)) + radii[g]).Append(3).Max() + 2;
        for (int i = 0; i < alone.Count; i++)
        {
            double angle = Math.Tau * i / alone.Count;
            (x[alone[i]], y[alone[i]]) = (edge * Math.Cos(angle), edge * Math.Sin(angle));
        }
        return (x, y);
    }

    private static (double X, double Y)[] Centres(double[] radii, double[,] links)
    {
        int n = radii.Length;
        double spread = 1.2 * Math.Sqrt(radii.Sum(r => r * r) / Math.Max(1, n));
        (double X, double Y)[] at = [.. Enumerable.Range(0, n).Select(i => (spread * 1.5 * Math.Sqrt(i) * Math.Cos(i * Turn), spread * 1.5 * Math.Sqrt(i) * Math.Sin(i * Turn)))];
        for (int round = 0; round < Rounds; round++)
        {
            // Towards the middle and towards whom it has edges with, less and less; then apart where discs overlap. They begin small, so that they can pass each other.
            double done = round / (double)Rounds, step = .1 * (1 - done), size = Math.Min(1, .1 + (1.5 * done));
            for (int a = 0; a < n; a++)
            {
                double total = 0;
                for (int b = 0; b < n; b++) total += links[a, b];
                (double X, double Y) pull = (-.2 * at[a].X, -.2 * at[a].Y);
                for (int b = 0; b < n && total > 0; b++)
                    if (b != a) pull = (pull.X + (links[a, b] / total * (at[b].X - at[a].X)), pull.Y + (links[a, b] / total * (at[b].Y - at[a].Y)));
                at[a] = (at[a].X + (step * pull.X), at[a].Y + (step * pull.Y));
            }
            for (int a = 0; a < n; a++)
                for (int b = a + 1; b < n; b++) Part(at, a, b, size * (radii[a] + radii[b]));
        }
        // The middle of all discs, by their areas, is the middle of the map.
        double area = radii.Sum(r => r * r);
        (double mx, double my) = (radii.Select((r, i) => r * r * at[i].X / area).Sum(), radii.Select((r, i) => r * r * at[i].Y / area).Sum());
        return [.. at.Select(c => (c.X - mx, c.Y - my))];
    }

    private static void Part((double X, double Y)[] at, int a, int b, double least)
    {
        (double dx, double dy) = (at[b].X - at[a].X, at[b].Y - at[a].Y);
        double distance = Math.Sqrt((dx * dx) + (dy * dy));
        if (distance >= least) return;
        if (distance == 0) (dx, distance) = (1, 1);
        double push = (least - distance) / 2 / distance;
        at[a] = (at[a].X - (push * dx), at[a].Y - (push * dy));
        at[b] = (at[b].X + (push * dx), at[b].Y + (push * dy));
    }
}
